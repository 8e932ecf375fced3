// One grpc.health.v1.Health/Check over one HTTP/2 connection (GRP-1): bytes in, bytes out, no
// socket and no clock. nghttp2 does the framing.
#pragma once

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "podvisor/result.h"
#include "podvisor/time.h"
#include "probes/grpc_message.h"

namespace podvisor {

struct GrpcOutcome {
  GrpcStatus status;
  std::int32_t serving_status = 0;  ///< where the status is OK
};

class GrpcCall {
 public:
  /// `authority` is "host:port". Throws when out of memory.
  GrpcCall(std::string authority, const std::string& service);
  GrpcCall(const GrpcCall&) = delete;
  GrpcCall& operator=(const GrpcCall&) = delete;

  /// What is to be sent next; empty: nothing now. At first the connection's preface.
  [[nodiscard]] std::string take_output();
  /// What was received. An error: this is no HTTP/2.
  [[nodiscard]] Status feed(std::string_view bytes);
  /// The server has said its part of the preface: only then it is a connection.
  [[nodiscard]] bool connected() const { return connected_; }
  /// Makes the call, once, after connected(). `left` until the deadline, which the server is told.
  void call(Duration left);
  /// Once the call has ended.
  [[nodiscard]] const std::optional<GrpcOutcome>& outcome() const { return outcome_; }

 private:
  struct FreeSession {
    void operator()(nghttp2_session* session) const { nghttp2_session_del(session); }
  };

  static int on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                       std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
                       std::uint8_t flags, void* self);
  static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* self);
  static int on_data(nghttp2_session*, std::uint8_t flags, std::int32_t stream,
                     const std::uint8_t* bytes, std::size_t size, void* self);
  static int on_close(nghttp2_session*, std::int32_t stream, std::uint32_t error, void* self);
  static ssize_t read_request(nghttp2_session*, std::int32_t stream, std::uint8_t* to,
                              std::size_t size, std::uint32_t* flags, nghttp2_data_source* source,
                              void* self);

  void collect_output();
  void take_header(std::string_view name, std::string_view value);
  void judge_head();
  void judge_end();
  void end(GrpcStatus status, std::int32_t serving_status = 0);

  std::string authority_;
  std::string output_;   ///< to be sent, not taken yet
  std::string request_;  ///< what of its body is not sent yet
  bool connected_ = false;
  std::int32_t stream_ = -1;  ///< of the call, once it is made
  int http_status_ = 0;
  std::string content_type_;
  std::optional<std::string> grpc_status_;
  std::string grpc_message_;
  std::string body_;
  std::optional<GrpcOutcome> outcome_;
  std::unique_ptr<nghttp2_session, FreeSession> session_;
};

}  // namespace podvisor
