// What balancers, Prometheus and people with curl ask for: plain text, on TCP too.
#pragma once

#include "api/context.h"
#include "api/router.h"

namespace podvisor {

/// podvisor's own health: it answers, so it lives, and it serves from its first moment.
[[nodiscard]] HttpReply get_health(ApiContext& context, const ApiRequest& request);
/// 200 exactly while the pod is Ready and not being deleted; otherwise 503 and why.
[[nodiscard]] HttpReply get_pod_readiness(ApiContext& context, const ApiRequest& request);
[[nodiscard]] HttpReply get_metrics(ApiContext& context, const ApiRequest& request);
[[nodiscard]] HttpReply get_version(ApiContext& context, const ApiRequest& request);

}  // namespace podvisor
