// GET …/pods/NAME/log.
#pragma once

#include "api/context.h"
#include "api/router.h"

namespace podvisor {

[[nodiscard]] HttpReply get_log(ApiContext& context, const ApiRequest& request);

}  // namespace podvisor
