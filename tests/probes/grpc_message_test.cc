#include "probes/grpc_message.h"

#include <gtest/gtest.h>

#include "probes/grpc_verdict.h"

namespace podvisor {
namespace {

std::string framed(const std::string& message) {
  return std::string("\0\0\0\0", 4) + static_cast<char>(message.size()) + message;
}

TEST(GrpcMessage, GRP1_TheRequestNamesTheService) {
  EXPECT_EQ(encode_health_request(""), std::string("\0\0\0\0\0", 5));
  EXPECT_EQ(encode_health_request("db"), std::string("\0\0\0\0\4\x0a\2db", 9));
  EXPECT_EQ(encode_health_request(std::string(300, 's')).substr(0, 8),
            std::string("\0\0\0\1\x2f\x0a\xac\x02", 8));
}

TEST(GrpcMessage, GRP2_ReadsTheServingStatus) {
  EXPECT_EQ(decode_health_response(framed("")).serving_status, 0);  // a default is left out
  EXPECT_EQ(decode_health_response(framed("\x08\x01")).serving_status, 1);
  EXPECT_EQ(decode_health_response(framed("\x08\x03")).serving_status, 3);
  // Fields of a later version are skipped, whatever their kind; the last value counts.
  EXPECT_EQ(decode_health_response(framed("\x08\x02\x12\x02hi\x1d....\x21........\x08\x01"))
                .serving_status,
            1);
}

TEST(GrpcMessage, GRP2_AnythingElseIsNoResponse) {
  const std::string bad[] = {
      "",
      std::string("\0\0\0\0", 4),
      std::string("\1\0\0\0\2\x08\x01", 7),             // compressed
      std::string("\0\0\0\0\2\x08", 6),                 // cut off
      std::string("\0\0\0\0\2\x08\x01\0\0\0\0\0", 12),  // two messages
      std::string("\0\xff\xff\xff\xff\x08", 6),         // a length that lies
      framed("\x08"),                                   // no value
      framed("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"),
      framed("\x12\x7f"),              // a length past the end
      framed(std::string("\0\0", 2)),  // field 0
      framed("\x0b\x0c"),              // groups are no more
  };
  for (const std::string& body : bad) {
    const HealthResponse response = decode_health_response(body);
    EXPECT_FALSE(response.serving_status) << testing::PrintToString(body);
    EXPECT_EQ(response.error.code, grpc_code::kInternal);
    EXPECT_FALSE(response.error.message.empty());
  }
}

TEST(GrpcMessage, GRP2_StatusComesWithItsMessageDecoded) {
  EXPECT_EQ(to_string(parse_grpc_status("5", "unknown service %22db%22%0A100%")),
            "rpc error: code = NotFound desc = unknown service \"db\"\n100%");
  EXPECT_EQ(to_string(parse_grpc_status("99", "%zz%-1")),
            "rpc error: code = Code(99) desc = %zz%-1");
  for (const char* code : {"", "x", "1x", "99999999999"})
    EXPECT_EQ(parse_grpc_status(code, "").code, grpc_code::kInternal) << code;
}

TEST(GrpcMessage, GRP2_WhatIsNoGrpcHasACodeToo) {
  const std::pair<int, int> table[] = {{400, 13}, {401, 16}, {403, 7},  {404, 12}, {429, 14},
                                       {502, 14}, {503, 14}, {504, 14}, {500, 2},  {200, 2}};
  for (const auto& [http, code] : table) EXPECT_EQ(code_of_http_status(http), code) << http;
  EXPECT_EQ(to_string(status_of_reset(7)),
            "rpc error: code = Unavailable desc = stream terminated by RST_STREAM with error code: "
            "REFUSED_STREAM");
  EXPECT_EQ(status_of_reset(8).code, grpc_code::kCanceled);
  EXPECT_EQ(status_of_reset(11).code, grpc_code::kResourceExhausted);
  EXPECT_EQ(status_of_reset(12).code, grpc_code::kPermissionDenied);
  EXPECT_EQ(status_of_reset(4711).code, grpc_code::kInternal);
}

TEST(GrpcVerdict, GRP2_OnlyServingIsSuccess) {
  const std::pair<std::int32_t, const char*> table[] = {
      {0, "UNKNOWN"}, {2, "NOT_SERVING"}, {3, "SERVICE_UNKNOWN"}, {7, "7"}, {-1, "-1"}};
  for (const auto& [serving, name] : table) {
    const ProbeAnswer answer = judge_grpc({}, serving, Seconds(1));
    EXPECT_EQ(answer.verdict, Verdict::Failure);
    EXPECT_EQ(answer.output, "service unhealthy (responded with \"" + std::string(name) + "\")");
  }
  EXPECT_EQ(judge_grpc({}, kServing, Seconds(1)).verdict, Verdict::Success);
}

TEST(GrpcVerdict, GRP2_EveryOutcomeHasTheKubeletsText) {
  EXPECT_EQ(judge_grpc({12, "no method"}, 0, Seconds(1)).output,
            "error: this server does not implement the grpc health protocol "
            "(grpc.health.v1.Health): no method");
  EXPECT_EQ(judge_grpc({4, "late"}, 0, Seconds(90)).output,
            "timeout: health rpc did not complete within 1m30s");
  EXPECT_EQ(judge_grpc({5, "unknown service"}, 0, Seconds(1)).output,
            "error: health rpc probe failed: rpc error: code = NotFound desc = unknown service");
  EXPECT_EQ(grpc_connect_timeout("[::1]:50051", Seconds(1), "").output,
            "timeout: failed to connect service \"[::1]:50051\" within 1s: context deadline "
            "exceeded");
}

}  // namespace
}  // namespace podvisor
