#include "api/status_json.h"

namespace podvisor {

Json status_json(const ApiFailure& failure) {
  Json status{{"apiVersion", "v1"},  {"kind", "Status"},           {"metadata", Json::object()},
              {"status", "Failure"}, {"message", failure.message}, {"reason", failure.reason},
              {"code", failure.code}};
  Json details = Json::object();
  set_unless_empty(details, "kind", failure.kind);
  set_unless_empty(details, "name", failure.name);
  if (!details.empty()) status["details"] = details;
  return status;
}

HttpResponse failure_response(const ApiFailure& failure) {
  return json_response(status_json(failure), failure.code);
}

HttpResponse deleted_response(const std::string& group, const std::string& resource,
                              const ObjectMeta& meta) {
  Json details{{"name", meta.name}, {"kind", resource}, {"uid", meta.uid}};
  if (!group.empty()) details["group"] = group;
  return json_response({{"apiVersion", "v1"},
                        {"kind", "Status"},
                        {"metadata", Json::object()},
                        {"status", "Success"},
                        {"details", std::move(details)}});
}

HttpResponse bad_request(const std::string& message) {
  return failure_response({400, "BadRequest", message, {}, {}});
}

HttpResponse not_found(const std::string& resource, const std::string& name) {
  return failure_response(
      {404, "NotFound", resource + " \"" + name + "\" not found", resource, name});
}

HttpResponse pod_not_found(const std::string& name) { return not_found("pods", name); }

HttpResponse invalid_options(const std::string& kind, const std::string& pod,
                             const std::string& message) {
  return failure_response(
      {422, "Invalid", kind + " \"" + pod + "\" is invalid: " + message, kind, pod});
}

}  // namespace podvisor
