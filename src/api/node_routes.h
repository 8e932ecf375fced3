// The host as the API's only node: read it, change its labels.
#pragma once

#include "api/context.h"
#include "api/router.h"

namespace podvisor {

[[nodiscard]] HttpReply list_nodes(ApiContext& context, const ApiRequest& request);
[[nodiscard]] HttpReply get_node(ApiContext& context, const ApiRequest& request);
/// A merge patch, or a strategic one, which is the same here: metadata.labels, null takes one away.
[[nodiscard]] HttpReply patch_node(ApiContext& context, const ApiRequest& request);

}  // namespace podvisor
