// Lists and watches of a kind.
#pragma once

#include "api/context.h"
#include "api/router.h"

namespace podvisor {

[[nodiscard]] HttpReply list_or_watch_pods(ApiContext& context, const ApiRequest& request);
[[nodiscard]] HttpReply list_or_watch_events(ApiContext& context, const ApiRequest& request);
[[nodiscard]] HttpReply list_namespaces(ApiContext& context, const ApiRequest& request);

}  // namespace podvisor
