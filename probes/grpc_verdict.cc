#include "probes/grpc_verdict.h"

#include "probes/probe_text.h"

namespace podvisor {

ProbeAnswer judge_grpc(const GrpcStatus& status, std::int32_t serving_status, Seconds timeout) {
  switch (status.code) {
    case grpc_code::kOk:
      break;
    case grpc_code::kUnimplemented:
      return {Verdict::Failure,
              "error: this server does not implement the grpc health protocol "
              "(grpc.health.v1.Health): " +
                  status.message};
    case grpc_code::kDeadlineExceeded:
      return grpc_call_timeout(timeout);
    default:
      return {Verdict::Failure, "error: health rpc probe failed: " + to_string(status)};
  }
  if (serving_status == kServing) return {Verdict::Success, {}};
  return {Verdict::Failure,
          "service unhealthy (responded with " + quote(serving_status_name(serving_status)) + ")"};
}

ProbeAnswer grpc_call_timeout(Seconds timeout) {
  return {Verdict::Failure,
          "timeout: health rpc did not complete within " + duration_text(timeout)};
}

ProbeAnswer grpc_connect_timeout(const std::string& address, Seconds timeout,
                                 const std::string& last_error) {
  std::string output = "timeout: failed to connect service " + quote(address) + " within " +
                       duration_text(timeout) + ": context deadline exceeded";
  if (!last_error.empty()) output += " (" + last_error + ")";
  return {Verdict::Failure, std::move(output)};
}

}  // namespace podvisor
