// DELETE of what no process stands behind: it is gone when the answer comes.
#pragma once

#include "api/context.h"
#include "api/router.h"

namespace podvisor {

/// Pods that have it keep what they have; one that is to be started waits for another.
[[nodiscard]] HttpReply delete_config_map(ApiContext& context, const ApiRequest& request);
[[nodiscard]] HttpReply delete_secret(ApiContext& context, const ApiRequest& request);
/// Its ports are listened on no more.
[[nodiscard]] HttpReply delete_service(ApiContext& context, const ApiRequest& request);

}  // namespace podvisor
