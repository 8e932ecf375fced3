// Lists and watches of a kind, and single objects of those that can only be read.
#pragma once

#include "api/context.h"
#include "api/router.h"

namespace podvisor {

[[nodiscard]] HttpReply list_or_watch_pods(ApiContext& context, const ApiRequest& request);
[[nodiscard]] HttpReply list_or_watch_events(ApiContext& context, const ApiRequest& request);
[[nodiscard]] HttpReply list_or_watch_config_maps(ApiContext& context, const ApiRequest& request);
[[nodiscard]] HttpReply list_or_watch_secrets(ApiContext& context, const ApiRequest& request);
[[nodiscard]] HttpReply list_or_watch_services(ApiContext& context, const ApiRequest& request);
[[nodiscard]] HttpReply list_or_watch_deployments(ApiContext& context, const ApiRequest& request);
[[nodiscard]] HttpReply get_config_map(ApiContext& context, const ApiRequest& request);
[[nodiscard]] HttpReply get_secret(ApiContext& context, const ApiRequest& request);
[[nodiscard]] HttpReply list_namespaces(ApiContext& context, const ApiRequest& request);

}  // namespace podvisor
