// Services and their Endpoints, which can only be read here.
#pragma once

#include "api/context.h"
#include "api/router.h"

namespace podvisor {

[[nodiscard]] HttpReply get_service(ApiContext& context, const ApiRequest& request);
[[nodiscard]] HttpReply list_endpoints(ApiContext& context, const ApiRequest& request);
[[nodiscard]] HttpReply get_endpoints(ApiContext& context, const ApiRequest& request);

}  // namespace podvisor
