#include "api/log_route.h"

#include <utility>

#include "api/log_options.h"
#include "api/log_transfer.h"
#include "api/status_json.h"

namespace podvisor {

HttpReply get_log(ApiContext& context, const ApiRequest& request) {
  const PodObject* pod = context.store.find_pod(request["namespace"], request["name"]);
  if (!pod) return pod_not_found(request["name"]);
  auto options = parse_log_options(request.http, context.clock.now().wall);
  if (!options) return invalid_options("PodLogOptions", request["name"], options.error().message);
  const auto container = choose_container(*pod->pod, options->container);
  if (!container) return bad_request(container.error().message);
  options->container = *container;
  const auto instance = choose_instance(*pod, *options);
  if (!instance) return bad_request(instance.error().message);
  return std::make_shared<LogTransfer>(context, *pod, std::move(*options), *instance)->begin();
}

}  // namespace podvisor
