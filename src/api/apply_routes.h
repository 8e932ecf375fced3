// Objects that are made, or put in the place of others: PATCH as `kubectl apply --server-side`
// sends it (the document is the whole object; there is one owner of all fields), POST and PUT. With
// ?dryRun=All nothing changes. What became of it is said in the header Podvisor-Result, and what
// it leads to in Podvisor-Effect.
#pragma once

#include "api/context.h"
#include "api/router.h"

namespace podvisor {

[[nodiscard]] HttpReply apply_pod(ApiContext& context, const ApiRequest& request);
[[nodiscard]] HttpReply apply_config_map(ApiContext& context, const ApiRequest& request);
[[nodiscard]] HttpReply apply_secret(ApiContext& context, const ApiRequest& request);
[[nodiscard]] HttpReply apply_service(ApiContext& context, const ApiRequest& request);
[[nodiscard]] HttpReply apply_deployment(ApiContext& context, const ApiRequest& request);
[[nodiscard]] HttpReply create_deployment(ApiContext& context, const ApiRequest& request);
[[nodiscard]] HttpReply create_service(ApiContext& context, const ApiRequest& request);
[[nodiscard]] HttpReply create_pod(ApiContext& context, const ApiRequest& request);
[[nodiscard]] HttpReply create_config_map(ApiContext& context, const ApiRequest& request);
[[nodiscard]] HttpReply create_secret(ApiContext& context, const ApiRequest& request);

}  // namespace podvisor
