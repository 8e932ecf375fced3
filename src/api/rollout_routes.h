// A pod's rollout: how far it is, once or (?watch=true) as it goes on, and orders about it.
#pragma once

#include "api/context.h"
#include "api/router.h"

namespace podvisor {

[[nodiscard]] HttpReply get_rollout(ApiContext& context, const ApiRequest& request);
/// {"action": "undo"|"restart"|"pause"|"resume", "toRevision": N}; answers with the rollout.
[[nodiscard]] HttpReply order_rollout(ApiContext& context, const ApiRequest& request);

/// Whose rollouts a request is about.
struct RolloutKind {
  RolloutControl& rollouts;
  const char* plural;
};
[[nodiscard]] HttpReply show_rollout(ApiContext& context, const ApiRequest& request,
                                     const RolloutKind& kind);
[[nodiscard]] HttpReply take_order(ApiContext& context, const ApiRequest& request,
                                   const RolloutKind& kind);

}  // namespace podvisor
