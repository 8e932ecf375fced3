#include "probes/grpc_call.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace podvisor {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

enum Type : std::uint8_t { kData = 0, kHeaders = 1, kReset = 3, kSettings = 4, kGoAway = 7 };
constexpr int kEndStream = 1, kEndHeaders = 4;

std::string big_endian(std::uint32_t value, int bytes) {
  std::string out;
  for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(value >> (8 * i));
  return out;
}

/// As a server puts it on the wire.
std::string frame(Type type, int flags, std::uint32_t stream, const std::string& payload) {
  return big_endian(static_cast<std::uint32_t>(payload.size()), 3) + static_cast<char>(type) +
         static_cast<char>(flags) + big_endian(stream, 4) + payload;
}
/// One that is put into no table.
std::string header(const std::string& name, const std::string& value) {
  return std::string(1, '\0') + static_cast<char>(name.size()) + name +
         static_cast<char>(value.size()) + value;
}
std::string head(const std::string& status = "200", const std::string& type = "application/grpc") {
  return frame(kHeaders, kEndHeaders, 1,
               header(":status", status) + (type.empty() ? "" : header("content-type", type)));
}
std::string data(const std::string& message) {
  return frame(
      kData, 0, 1,
      std::string(1, '\0') + big_endian(static_cast<std::uint32_t>(message.size()), 4) + message);
}
std::string trailers(const std::string& status, const std::string& message = {}) {
  return frame(
      kHeaders, kEndStream | kEndHeaders, 1,
      header("grpc-status", status) + (message.empty() ? "" : header("grpc-message", message)));
}
const std::string kHello = frame(kSettings, 0, 0, "");
const std::string kServingMessage = "\x08\x01";

class GrpcCallTest : public testing::Test {
 protected:
  void connect() {
    static_cast<void>(call_.take_output());
    ASSERT_TRUE(call_.feed(kHello));
    ASSERT_TRUE(call_.connected());
    call_.call(std::chrono::milliseconds(1500));
    request_ = call_.take_output();
  }

  /// The status in words, "SERVING" or what else it is, or "none yet".
  std::string after(const std::string& bytes, std::size_t step = 0) {
    connect();
    for (std::size_t at = 0; at < bytes.size(); at += step != 0 ? step : bytes.size())
      static_cast<void>(
          call_.feed(std::string_view(bytes).substr(at, step != 0 ? step : bytes.npos)));
    const auto& outcome = call_.outcome();
    if (!outcome) return "none yet";
    return outcome->status.code == 0 ? serving_status_name(outcome->serving_status)
                                     : to_string(outcome->status);
  }

  GrpcCall call_{"10.0.0.1:50051", "db"};
  std::string request_;
};

/// Header fields and body of the request in what was sent.
std::map<std::string, std::string> parse_request(std::string sent) {
  std::map<std::string, std::string> fields;
  nghttp2_hd_inflater* inflater = nullptr;
  nghttp2_hd_inflate_new(&inflater);
  while (sent.size() >= 9) {
    std::size_t size = 0;
    for (int i = 0; i < 3; ++i)
      size = size << 8U | static_cast<unsigned char>(sent[static_cast<std::size_t>(i)]);
    const char type = sent[3];
    std::string payload = sent.substr(9, size);
    sent.erase(0, 9 + size);
    if (type == kData) fields["body"] += payload;
    if (type != kHeaders) continue;
    for (int flags = 0; (flags & NGHTTP2_HD_INFLATE_FINAL) == 0;) {
      nghttp2_nv field{};
      const auto taken = nghttp2_hd_inflate_hd2(
          inflater, &field, &flags, reinterpret_cast<const std::uint8_t*>(payload.data()),
          payload.size(), 1);
      if (taken < 0) break;
      payload.erase(0, static_cast<std::size_t>(taken));
      if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0)
        fields[std::string(field.name, field.name + field.namelen)] =
            std::string(field.value, field.value + field.valuelen);
    }
  }
  nghttp2_hd_inflate_del(inflater);
  return fields;
}

TEST_F(GrpcCallTest, GRP1_AsksHealthCheckAsKubeProbe) {
  connect();
  const auto sent = parse_request(request_);
  const std::map<std::string, std::string> expected{{":method", "POST"},
                                                    {":scheme", "http"},
                                                    {":path", "/grpc.health.v1.Health/Check"},
                                                    {":authority", "10.0.0.1:50051"},
                                                    {"content-type", "application/grpc"},
                                                    {"user-agent", "kube-probe/1.36"},
                                                    {"te", "trailers"},
                                                    {"grpc-timeout", "1500m"},
                                                    {"body", std::string("\0\0\0\0\4\x0a\2db", 9)}};
  EXPECT_EQ(sent, expected);
}

TEST_F(GrpcCallTest, GRP1_IsConnectedOnceTheServerHasSpoken) {
  EXPECT_THAT(call_.take_output(), StartsWith("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
  EXPECT_FALSE(call_.connected());
  EXPECT_TRUE(call_.feed(kHello.substr(0, 5)));
  EXPECT_FALSE(call_.connected());
  EXPECT_TRUE(call_.feed(kHello.substr(5)));
  EXPECT_TRUE(call_.connected());
}

TEST_F(GrpcCallTest, GRP1_WhatIsNoHttp2IsNoConnection) {
  for (const std::string& bytes :
       {std::string("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"),
        std::string("SSH-2.0-OpenSSH_9.2\r\n"), std::string(1000, '\xff'), head()}) {
    GrpcCall call("a:1", "");
    EXPECT_FALSE(call.feed(bytes)) << testing::PrintToString(bytes);
    EXPECT_FALSE(call.connected());
  }
}

TEST_F(GrpcCallTest, GRP2_Serving) {
  EXPECT_EQ(after(head() + data(kServingMessage) + trailers("0")), "SERVING");
}

TEST_F(GrpcCallTest, GRP2_InPiecesOfAnySize) {
  EXPECT_EQ(after(head("103", "") + head() + data(kServingMessage) + trailers("0"), 1), "SERVING");
}

struct Case {
  const char* name;
  std::string bytes;
  std::string expected;
};

class GrpcHostile : public GrpcCallTest, public testing::WithParamInterface<Case> {};

TEST_P(GrpcHostile, GRP2_EndsWithAStatus) {
  EXPECT_THAT(after(GetParam().bytes), HasSubstr(GetParam().expected));
}

INSTANTIATE_TEST_SUITE_P(
    Servers, GrpcHostile,
    testing::Values(
        Case{"not_serving", head() + data("\x08\x02") + trailers("0"), "NOT_SERVING"},
        Case{"trailers_only",
             frame(kHeaders, kEndStream | kEndHeaders, 1,
                   header(":status", "200") + header("content-type", "application/grpc") +
                       header("grpc-status", "5") + header("grpc-message", "no%20such")),
             "code = NotFound desc = no such"},
        Case{"unimplemented", head() + trailers("12", "unknown service"), "code = Unimplemented"},
        Case{"status_beside_a_response", head() + data(kServingMessage) + trailers("13", "oh"),
             "code = Internal desc = oh"},
        Case{"bad_status", head() + trailers("fine"), "malformed grpc-status"},
        Case{"no_message", head() + trailers("0"), "received no response message"},
        Case{"no_trailers",
             head() + frame(kData, kEndStream, 1, std::string("\0\0\0\0\2\x08\x01", 7)),
             "without sending trailers"},
        Case{"too_much",
             head() + frame(kData, 0, 1, std::string(16000, 'x')) +
                 frame(kData, 0, 1, std::string(16000, 'x')),
             "code = ResourceExhausted"},
        Case{"http_404",
             frame(kHeaders, kEndStream | kEndHeaders, 1,
                   header(":status", "404") + header("content-type", "text/plain")),
             "code = Unimplemented desc = unexpected HTTP status code received from server: 404; "
             "transport: received unexpected content-type \"text/plain\""},
        Case{"http_503", head("503", ""), "code = Unavailable"},
        Case{"html", head("200", "text/html"), "code = Unknown"},
        Case{"refused", frame(kReset, 0, 1, big_endian(7, 4)), "error code: REFUSED_STREAM"},
        Case{"cancelled", head() + frame(kReset, 0, 1, big_endian(8, 4)), "code = Canceled"},
        Case{"reset_without_error", head() + frame(kReset, 0, 1, big_endian(0, 4)),
             "error code: NO_ERROR"},
        Case{"going_away", frame(kGoAway, 0, 0, big_endian(0, 4) + big_endian(0, 4)),
             "code = Unavailable"},
        Case{"bad_header_field",
             frame(kHeaders, kEndHeaders, 1, header(":status", "200") + header("Upper", "x")),
             "code = Internal"},
        Case{"silence", "", "none yet"}, Case{"half_a_head", head().substr(0, 12), "none yet"}),
    [](const testing::TestParamInfo<Case>& one) { return one.param.name; });

}  // namespace
}  // namespace podvisor
