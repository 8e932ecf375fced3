#include "api/deployment_routes.h"

#include <utility>

#include "api/apply_routes.h"
#include "api/rollout_routes.h"
#include "api/status_json.h"

namespace podvisor {
namespace {

constexpr const char* kPlural = "deployments.apps";

const DeploymentEntry* find_deployment(const ApiContext& context, const ApiRequest& request) {
  return context.store.find_deployment(request["namespace"], request["name"]);
}

std::string content_type(const ApiRequest& request) {
  const auto header = request.http.headers.find("content-type");
  return header == request.http.headers.end() ? "" : header->second;
}

bool is_merge_patch(const ApiRequest& request) {
  const std::string type = content_type(request);
  return type.starts_with("application/merge-patch+json") ||
         type.starts_with("application/strategic-merge-patch+json");
}

/// The two kinds of merge patches differ in what becomes of lists.
bool has_list(const Json& patch) {
  if (patch.is_array()) return true;
  if (!patch.is_object()) return false;
  for (const auto& [key, value] : patch.items())
    if (has_list(value)) return true;
  return false;
}

HttpReply take_in(ApiContext& context, const ApiRequest& request, const Json& document) {
  HttpRequest whole = request.http;
  whole.method = "PUT";
  whole.body = document.dump();
  return apply_deployment(context, {whole, request.path});
}

}  // namespace

HttpReply get_deployment(ApiContext& context, const ApiRequest& request) {
  const DeploymentEntry* entry = find_deployment(context, request);
  return entry ? json_response(object_json(*entry)) : not_found(kPlural, request["name"]);
}

HttpReply delete_deployment(ApiContext& context, const ApiRequest& request) {
  const DeploymentEntry* entry = find_deployment(context, request);
  if (!entry) return not_found(kPlural, request["name"]);
  const ObjectMeta meta = entry->object.metadata;
  const Status removed = context.deployments.remove(request["namespace"], request["name"]);
  return removed ? deleted_response("apps", kPlural, meta) : not_found(kPlural, request["name"]);
}

HttpReply patch_deployment(ApiContext& context, const ApiRequest& request) {
  if (!is_merge_patch(request)) return apply_deployment(context, request);
  const DeploymentEntry* entry = find_deployment(context, request);
  if (!entry) return not_found(kPlural, request["name"]);
  const Json patch = Json::parse(request.http.body, nullptr, false);
  if (!patch.is_object()) return bad_request("the request body is not a JSON object");
  if (content_type(request).find("strategic") != std::string::npos && has_list(patch))
    return failure_response({415,
                             "UnsupportedMediaType",
                             "podvisor takes strategic merge patches without lists only; use "
                             "application/apply-patch+yaml",
                             {},
                             {}});
  Json document = Json::parse(entry->object.document);
  document.merge_patch(patch);
  const Json::json_pointer paused("/spec/paused");  // taken away, it would be left as it is
  if (!document.contains(paused)) document[paused] = false;
  return take_in(context, request, document);
}

HttpReply get_scale(ApiContext& context, const ApiRequest& request) {
  const DeploymentEntry* entry = find_deployment(context, request);
  return entry ? json_response(scale_json(*entry)) : not_found(kPlural, request["name"]);
}

HttpReply set_scale(ApiContext& context, const ApiRequest& request) {
  const DeploymentEntry* entry = find_deployment(context, request);
  if (!entry) return not_found(kPlural, request["name"]);
  const Json scale = Json::parse(request.http.body, nullptr, false);
  const Json::json_pointer replicas("/spec/replicas");
  if (!scale.is_object() || !scale.contains(replicas) || !scale.at(replicas).is_number_integer())
    return bad_request("the request body is not a Scale with spec.replicas");
  Json document = Json::parse(entry->object.document);
  document[replicas] = scale.at(replicas);
  const HttpReply reply = take_in(context, request, document);
  const auto* response = std::get_if<HttpResponse>(&reply);
  if (response == nullptr || response->status >= 300) return reply;
  return json_response(scale_json(*find_deployment(context, request)));
}

HttpReply get_deployment_rollout(ApiContext& context, const ApiRequest& request) {
  return show_rollout(context, request, {context.deployments, kPlural});
}

HttpReply order_deployment_rollout(ApiContext& context, const ApiRequest& request) {
  return take_order(context, request, {context.deployments, kPlural});
}

}  // namespace podvisor
