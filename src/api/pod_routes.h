// One pod: read it, delete it, set a condition of it.
#pragma once

#include "api/context.h"
#include "api/router.h"

namespace podvisor {

[[nodiscard]] HttpReply get_pod(ApiContext& context, const ApiRequest& request);
[[nodiscard]] HttpReply delete_pod(ApiContext& context, const ApiRequest& request);
/// Every pod stops in order, and podvisor ends when they are gone. Answered at once.
[[nodiscard]] HttpReply stop_all(ApiContext& context, const ApiRequest& request);
/// A strategic merge patch of status.conditions, as `kubectl patch --subresource=status` sends it:
/// for readiness gates. Anything else in it is refused.
[[nodiscard]] HttpReply patch_pod_status(ApiContext& context, const ApiRequest& request);

}  // namespace podvisor
