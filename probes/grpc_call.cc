#include "probes/grpc_call.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <new>
#include <utility>

#include "probes/http_request.h"
#include "probes/probe_text.h"

namespace podvisor {
namespace {

/// A HealthCheckResponse takes seven bytes. Far more is not worth keeping.
constexpr std::size_t kMaxBody = 16 * 1024;

nghttp2_nv field(std::string_view name, std::string_view value) {
  const auto bytes = [](std::string_view text) {
    return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
  };
  return {bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

/// gRPC's way to write a span: at most eight digits and a unit.
std::string grpc_timeout(Duration left) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(left).count();
  return std::to_string(std::clamp<std::int64_t>(ms, 1, 99'999'999)) + "m";
}

bool is_ours(const nghttp2_frame& frame, std::int32_t stream) {
  return frame.hd.stream_id == stream && stream > 0;
}

}  // namespace

GrpcCall::GrpcCall(std::string authority, const std::string& service)
    : authority_(std::move(authority)), request_(encode_health_request(service)) {
  nghttp2_session_callbacks* callbacks = nullptr;
  if (nghttp2_session_callbacks_new(&callbacks) != 0) throw std::bad_alloc();
  nghttp2_session_callbacks_set_on_header_callback(callbacks, &GrpcCall::on_header);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, &GrpcCall::on_frame);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, &GrpcCall::on_data);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, &GrpcCall::on_close);
  nghttp2_session* session = nullptr;
  const int made = nghttp2_session_client_new(&session, callbacks, this);
  nghttp2_session_callbacks_del(callbacks);
  if (made != 0) throw std::bad_alloc();
  session_.reset(session);
  constexpr nghttp2_settings_entry kNoPush{NGHTTP2_SETTINGS_ENABLE_PUSH, 0};
  nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, &kNoPush, 1);
}

std::string GrpcCall::take_output() {
  collect_output();
  return std::exchange(output_, {});
}

void GrpcCall::collect_output() {
  const std::uint8_t* bytes = nullptr;
  for (ssize_t size = 0; (size = nghttp2_session_mem_send(session_.get(), &bytes)) > 0;)
    output_.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
}

Status GrpcCall::feed(std::string_view bytes) {
  const ssize_t taken = nghttp2_session_mem_recv(
      session_.get(), reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  if (taken < 0) return make_error(nghttp2_strerror(static_cast<int>(taken)));
  // Against what breaks the protocol nghttp2 has something to say, and then wants no more.
  collect_output();
  if (nghttp2_session_want_read(session_.get()) == 0)
    return make_error("the server does not speak HTTP/2, or has ended the connection");
  return {};
}

void GrpcCall::call(Duration left) {
  const std::string timeout = grpc_timeout(left);
  const std::array<nghttp2_nv, 8> head{field(":method", "POST"),
                                       field(":scheme", "http"),
                                       field(":path", "/grpc.health.v1.Health/Check"),
                                       field(":authority", authority_),
                                       field("content-type", "application/grpc"),
                                       field("user-agent", kProbeUserAgent),
                                       field("te", "trailers"),
                                       field("grpc-timeout", timeout)};
  nghttp2_data_provider body{};
  body.read_callback = &GrpcCall::read_request;
  stream_ =
      nghttp2_submit_request(session_.get(), nullptr, head.data(), head.size(), &body, nullptr);
  if (stream_ < 0) end({grpc_code::kInternal, nghttp2_strerror(stream_)});
}

ssize_t GrpcCall::read_request(nghttp2_session*, std::int32_t, std::uint8_t* to, std::size_t size,
                               std::uint32_t* flags, nghttp2_data_source*, void* self) {
  std::string& left = static_cast<GrpcCall*>(self)->request_;
  const std::size_t count = std::min(size, left.size());
  std::copy_n(left.data(), count, to);
  left.erase(0, count);
  if (left.empty()) *flags |= NGHTTP2_DATA_FLAG_EOF;
  return static_cast<ssize_t>(count);
}

int GrpcCall::on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                        std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
                        std::uint8_t, void* self) {
  auto& it = *static_cast<GrpcCall*>(self);
  if (is_ours(*frame, it.stream_)) {
    it.take_header({reinterpret_cast<const char*>(name), name_size},
                   {reinterpret_cast<const char*>(value), value_size});
  }
  return 0;
}

void GrpcCall::take_header(std::string_view name, std::string_view value) {
  if (name == ":status") {
    std::from_chars(value.data(), value.data() + value.size(), http_status_);
  } else if (name == "content-type") {
    content_type_ = value;
  } else if (name == "grpc-status") {
    grpc_status_ = value;
  } else if (name == "grpc-message") {
    grpc_message_ = value;
  }
}

int GrpcCall::on_frame(nghttp2_session*, const nghttp2_frame* frame, void* self) {
  auto& it = *static_cast<GrpcCall*>(self);
  const std::uint8_t flags = frame->hd.flags;
  if (frame->hd.type == NGHTTP2_SETTINGS && (flags & NGHTTP2_FLAG_ACK) == 0) it.connected_ = true;
  if (!is_ours(*frame, it.stream_)) return 0;
  const bool interim = it.http_status_ >= 100 && it.http_status_ < 200;
  if (frame->hd.type == NGHTTP2_HEADERS && !interim) it.judge_head();
  const bool may_end = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
  if (may_end && (flags & NGHTTP2_FLAG_END_STREAM) != 0) it.judge_end();
  return 0;
}

int GrpcCall::on_data(nghttp2_session*, std::uint8_t, std::int32_t, const std::uint8_t* bytes,
                      std::size_t size, void* self) {
  auto& it = *static_cast<GrpcCall*>(self);
  if (it.body_.size() + size > kMaxBody) {
    it.end({grpc_code::kResourceExhausted,
            "grpc: received message larger than max (" + std::to_string(kMaxBody) + ")"});
    return 0;
  }
  it.body_.append(reinterpret_cast<const char*>(bytes), size);
  return 0;
}

int GrpcCall::on_close(nghttp2_session*, std::int32_t stream, std::uint32_t error, void* self) {
  auto& it = *static_cast<GrpcCall*>(self);
  if (stream == it.stream_) it.end(status_of_reset(error));
  return 0;
}

/// What is not 200 and application/grpc was said by no gRPC server.
void GrpcCall::judge_head() {
  std::string why;
  if (http_status_ != 200)
    why = "unexpected HTTP status code received from server: " + std::to_string(http_status_);
  if (!content_type_.starts_with("application/grpc")) {
    why += why.empty() ? "" : "; ";
    why += content_type_.empty()
               ? "malformed header: missing HTTP content-type"
               : "transport: received unexpected content-type " + quote(content_type_);
  }
  if (!why.empty()) end({code_of_http_status(http_status_), std::move(why)});
}

void GrpcCall::judge_end() {
  if (!grpc_status_)
    return end({grpc_code::kInternal, "server closed the stream without sending trailers"});
  GrpcStatus status = parse_grpc_status(*grpc_status_, grpc_message_);
  if (status.code != grpc_code::kOk) return end(std::move(status));
  HealthResponse response = decode_health_response(body_);
  if (!response.serving_status) return end(std::move(response.error));
  end(std::move(status), *response.serving_status);
}

/// The first end is the one that counts.
void GrpcCall::end(GrpcStatus status, std::int32_t serving_status) {
  if (!outcome_) outcome_ = GrpcOutcome{std::move(status), serving_status};
}

}  // namespace podvisor
