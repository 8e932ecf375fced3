// One pod: read it, delete it.
#pragma once

#include "api/context.h"
#include "api/router.h"

namespace podvisor {

[[nodiscard]] HttpReply get_pod(ApiContext& context, const ApiRequest& request);
[[nodiscard]] HttpReply delete_pod(ApiContext& context, const ApiRequest& request);

}  // namespace podvisor
