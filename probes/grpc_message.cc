#include "probes/grpc_message.h"

#include <array>
#include <charconv>

namespace podvisor {
namespace {

constexpr std::size_t kPrefix = 5;  ///< whether it is compressed, and its length

constexpr std::array<const char*, 17> kCodeNames{
    "OK",       "Canceled",       "Unknown",          "InvalidArgument",   "DeadlineExceeded",
    "NotFound", "AlreadyExists",  "PermissionDenied", "ResourceExhausted", "FailedPrecondition",
    "Aborted",  "OutOfRange",     "Unimplemented",    "Internal",          "Unavailable",
    "DataLoss", "Unauthenticated"};

constexpr std::array<const char*, 14> kHttp2Errors{"NO_ERROR",
                                                   "PROTOCOL_ERROR",
                                                   "INTERNAL_ERROR",
                                                   "FLOW_CONTROL_ERROR",
                                                   "SETTINGS_TIMEOUT",
                                                   "STREAM_CLOSED",
                                                   "FRAME_SIZE_ERROR",
                                                   "REFUSED_STREAM",
                                                   "CANCEL",
                                                   "COMPRESSION_ERROR",
                                                   "CONNECT_ERROR",
                                                   "ENHANCE_YOUR_CALM",
                                                   "INADEQUATE_SECURITY",
                                                   "HTTP_1_1_REQUIRED"};

constexpr std::array<const char*, 4> kServingStatuses{"UNKNOWN", "SERVING", "NOT_SERVING",
                                                      "SERVICE_UNKNOWN"};

std::string code_name(int code) {
  if (code >= 0 && static_cast<std::size_t>(code) < kCodeNames.size())
    return kCodeNames[static_cast<std::size_t>(code)];
  return "Code(" + std::to_string(code) + ")";
}

/// What is no escape is kept as it is.
std::string percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned byte = 0;
    const char* const digits = text.data() + i + 1;
    const bool whole = text[i] == '%' && i + 2 < text.size() &&
                       std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2;
    decoded += whole ? static_cast<char>(byte) : text[i];
    if (whole) i += 2;
  }
  return decoded;
}

void add_varint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7U) out += static_cast<char>(value | 0x80U);
  out += static_cast<char>(value);
}

std::optional<std::uint64_t> take_varint(std::string_view& bytes) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    value |= std::uint64_t{byte & 0x7fU} << shift;
    if ((byte & 0x80U) == 0) return value;
  }
  return std::nullopt;
}

bool skip(std::string_view& bytes, std::uint64_t size) {
  if (size > bytes.size()) return false;
  bytes.remove_prefix(static_cast<std::size_t>(size));
  return true;
}

/// Past the value of a field that nobody here knows.
bool skip_field(std::string_view& bytes, std::uint64_t wire_type) {
  if (wire_type == 0) return take_varint(bytes).has_value();
  if (wire_type == 1) return skip(bytes, 8);
  if (wire_type == 5) return skip(bytes, 4);
  if (wire_type != 2) return false;
  const auto size = take_varint(bytes);
  return size && skip(bytes, *size);
}

/// Of HealthCheckResponse field 1; left out, it is UNKNOWN.
std::optional<std::int32_t> parse_message(std::string_view message) {
  std::int32_t status = 0;
  while (!message.empty()) {
    const auto tag = take_varint(message);
    if (!tag || *tag >> 3U == 0) return std::nullopt;
    if (*tag == 1U << 3U) {
      const auto value = take_varint(message);
      if (!value) return std::nullopt;
      status = static_cast<std::int32_t>(*value);
    } else if (!skip_field(message, *tag & 7U)) {
      return std::nullopt;
    }
  }
  return status;
}

HealthResponse undecodable(std::string why) {
  return {std::nullopt, {grpc_code::kInternal, std::move(why)}};
}

}  // namespace

std::string to_string(const GrpcStatus& status) {
  return "rpc error: code = " + code_name(status.code) + " desc = " + status.message;
}

GrpcStatus parse_grpc_status(std::string_view code, std::string_view message) {
  GrpcStatus status{0, percent_decoded(message)};
  const char* const end = code.data() + code.size();
  const auto [stop, error] = std::from_chars(code.data(), end, status.code);
  if (error == std::errc{} && stop == end && !code.empty()) return status;
  return {grpc_code::kInternal, "malformed grpc-status: \"" + std::string(code) + "\""};
}

int code_of_http_status(int status) {
  switch (status) {
    case 400:
      return grpc_code::kInternal;
    case 401:
      return grpc_code::kUnauthenticated;
    case 403:
      return grpc_code::kPermissionDenied;
    case 404:
      return grpc_code::kUnimplemented;
    case 429:
    case 502:
    case 503:
    case 504:
      return grpc_code::kUnavailable;
    default:
      return grpc_code::kUnknown;
  }
}

GrpcStatus status_of_reset(std::uint32_t http2_error) {
  int code = grpc_code::kInternal;
  if (http2_error == 7) code = grpc_code::kUnavailable;
  if (http2_error == 8) code = grpc_code::kCanceled;
  if (http2_error == 11) code = grpc_code::kResourceExhausted;
  if (http2_error == 12) code = grpc_code::kPermissionDenied;
  const std::string name =
      http2_error < kHttp2Errors.size() ? kHttp2Errors[http2_error] : std::to_string(http2_error);
  return {code, "stream terminated by RST_STREAM with error code: " + name};
}

std::string encode_health_request(std::string_view service) {
  std::string message;
  if (!service.empty()) {
    message += '\x0a';  // field 1, with a length
    add_varint(message, service.size());
    message += service;
  }
  const auto size = static_cast<std::uint32_t>(message.size());
  std::string framed(1, '\0');
  for (const unsigned shift : {24U, 16U, 8U, 0U}) framed += static_cast<char>(size >> shift);
  return framed + message;
}

HealthResponse decode_health_response(std::string_view body) {
  if (body.size() < kPrefix)
    return undecodable("received no response message from non-server-streaming RPC");
  if (body[0] != '\0')
    return undecodable("grpc: the response is compressed, which was not asked for");
  std::uint32_t size = 0;
  for (std::size_t i = 1; i < kPrefix; ++i) size = size << 8U | static_cast<unsigned char>(body[i]);
  if (body.size() - kPrefix != size)
    return undecodable("grpc: the response is not one whole message");
  const auto status = parse_message(body.substr(kPrefix));
  if (!status)
    return undecodable(
        "grpc: failed to unmarshal the received message: proto: cannot parse invalid wire-format "
        "data");
  return {status, {}};
}

std::string serving_status_name(std::int32_t status) {
  if (status >= 0 && static_cast<std::size_t>(status) < kServingStatuses.size())
    return kServingStatuses[static_cast<std::size_t>(status)];
  return std::to_string(status);
}

}  // namespace podvisor
