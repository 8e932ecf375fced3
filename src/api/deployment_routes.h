// Single Deployments: read, deleted, scaled, changed in part, and their rollouts steered.
#pragma once

#include "api/context.h"
#include "api/router.h"

namespace podvisor {

[[nodiscard]] HttpReply get_deployment(ApiContext& context, const ApiRequest& request);
[[nodiscard]] HttpReply delete_deployment(ApiContext& context, const ApiRequest& request);
/// PATCH: server-side apply as of other kinds, or a JSON merge patch (RFC 7386), whose result is
/// taken in as if it had been applied.
[[nodiscard]] HttpReply patch_deployment(ApiContext& context, const ApiRequest& request);
[[nodiscard]] HttpReply get_scale(ApiContext& context, const ApiRequest& request);
/// PUT of a Scale, or PATCH with a merge patch of one.
[[nodiscard]] HttpReply set_scale(ApiContext& context, const ApiRequest& request);
/// As those of pods (rollout_routes.h).
[[nodiscard]] HttpReply get_deployment_rollout(ApiContext& context, const ApiRequest& request);
[[nodiscard]] HttpReply order_deployment_rollout(ApiContext& context, const ApiRequest& request);

}  // namespace podvisor
