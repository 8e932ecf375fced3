// grpc.health.v1's two messages and gRPC's status, as they go over the wire (GRP). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace podvisor {

/// gRPC's codes, by their numbers; those that somebody here decides by have names.
namespace grpc_code {
inline constexpr int kOk = 0;
inline constexpr int kCanceled = 1;
inline constexpr int kUnknown = 2;
inline constexpr int kDeadlineExceeded = 4;
inline constexpr int kPermissionDenied = 7;
inline constexpr int kResourceExhausted = 8;
inline constexpr int kUnimplemented = 12;
inline constexpr int kInternal = 13;
inline constexpr int kUnavailable = 14;
inline constexpr int kUnauthenticated = 16;
}  // namespace grpc_code

struct GrpcStatus {
  int code = grpc_code::kOk;
  std::string message;
};

/// "rpc error: code = NotFound desc = unknown service", as grpc-go puts it.
[[nodiscard]] std::string to_string(const GrpcStatus& status);
/// From the values of the grpc-status and grpc-message trailers, the latter percent-encoded.
[[nodiscard]] GrpcStatus parse_grpc_status(std::string_view code, std::string_view message);
/// What a response that is no gRPC means.
[[nodiscard]] int code_of_http_status(int status);
/// What a stream that was reset with this HTTP/2 error code means.
[[nodiscard]] GrpcStatus status_of_reset(std::uint32_t http2_error);

/// HealthCheckRequest{service} with gRPC's five bytes before it.
[[nodiscard]] std::string encode_health_request(std::string_view service);

/// ServingStatus of the one HealthCheckResponse in the body, or why there is none.
struct HealthResponse {
  std::optional<std::int32_t> serving_status;
  GrpcStatus error;
};
[[nodiscard]] HealthResponse decode_health_response(std::string_view body);

inline constexpr std::int32_t kServing = 1;
/// "NOT_SERVING"; the number where it has no name.
[[nodiscard]] std::string serving_status_name(std::int32_t status);

}  // namespace podvisor
