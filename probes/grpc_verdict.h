// What came of a gRPC health check, and the kubelet's words for it (GRP-2). Pure.
#pragma once

#include <string>

#include "probes/grpc_message.h"
#include "probes/probe_attempt.h"

namespace podvisor {

/// The call ended: with a status that is not OK, or with a response.
[[nodiscard]] ProbeAnswer judge_grpc(const GrpcStatus& status, std::int32_t serving_status,
                                     Seconds timeout);
/// The deadline passed with the call under way.
[[nodiscard]] ProbeAnswer grpc_call_timeout(Seconds timeout);
/// The deadline passed without a connection to `address`; `last_error` may be empty.
[[nodiscard]] ProbeAnswer grpc_connect_timeout(const std::string& address, Seconds timeout,
                                               const std::string& last_error);

}  // namespace podvisor
