#include "api/health_routes.h"

#include "api/json.h"
#include "api/readiness.h"
#include "podvisor/version.h"

namespace podvisor {
namespace {

HttpResponse text_response(int status, const std::string& text) {
  HttpResponse response;
  response.status = status;
  response.body = text + "\n";
  return response;
}

}  // namespace

HttpReply get_health(ApiContext&, const ApiRequest&) { return text_response(200, "ok"); }

HttpReply get_pod_readiness(ApiContext& context, const ApiRequest& request) {
  const std::string why =
      why_not_ready(context.store.find_pod(request["namespace"], request["name"]));
  if (why.empty()) return text_response(200, "ok");
  return text_response(
      503, "pod " + request["namespace"] + "/" + request["name"] + " is not ready: " + why);
}

HttpReply get_metrics(ApiContext& context, const ApiRequest&) {
  HttpResponse response;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  response.body = context.render_metrics();
  return response;
}

HttpReply get_version(ApiContext&, const ApiRequest&) {
  // The Kubernetes version whose semantics these are, and podvisor's own behind the plus.
  return json_response({{"major", "1"},
                        {"minor", "36"},
                        {"gitVersion", std::string("v1.36.0+podvisor-") + kVersion},
                        {"gitCommit", ""},
                        {"gitTreeState", ""},
                        {"buildDate", ""},
                        {"goVersion", ""},
                        {"compiler", "gcc"},
                        {"platform", "linux/amd64"}});
}

}  // namespace podvisor
