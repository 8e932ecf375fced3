#include "log/logger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace podvisor {
namespace {

using testing::HasSubstr;
using testing::internal::CaptureStderr;
using testing::internal::GetCapturedStderr;

TEST(Logger, AMessageAndItsFieldsAreOneLine) {
  EXPECT_EQ(format_log_message("pod is ready", {{"pod", "default/web"}, {"instance", 3}}),
            R"(msg="pod is ready" pod=default/web instance=3)");
}

TEST(Logger, ValuesAreQuotedWhereTheyHaveTo) {
  EXPECT_EQ(format_log_message("m", {{"a", ""}, {"b", "x y"}, {"c", "k=v"}, {"d", "a\"b\\"}}),
            R"(msg="m" a="" b="x y" c="k=v" d="a\"b\\")");
}

TEST(Logger, HostileTextNeitherForgesALineNorReachesTheTerminal) {
  using namespace std::string_literals;
  const std::string hostile =
      "\nlevel=info msg=forged\r\x1b[2J\x07\x7f\0\xc2\x9b"s
      "31m"s;
  const std::string line = format_log_message(hostile, {{"output", hostile}});
  for (const char c : line) {
    EXPECT_GE(c, ' ');
    EXPECT_LT(c, 0x7f);
  }
  EXPECT_THAT(line, HasSubstr(R"(msg="\nlevel=info msg=forged\r\u001b[2J)"));
}

TEST(Logger, InvalidAndReorderingTextIsReplaced) {
  EXPECT_EQ(format_log_message("\xff\xc3(", {}), R"(msg="\ufffd\ufffd(")");
  EXPECT_EQ(format_log_message("a\u202eb", {}), R"(msg="a\u202eb")");
}

TEST(Logger, BracesAreNoFormat) {
  CaptureStderr();
  log_error("100% {} {0} %s", {{"v", "{}"}});
  EXPECT_THAT(GetCapturedStderr(), HasSubstr(R"(msg="100% {} {0} %s" v="{}")"));
}

TEST(Logger, LinesHaveTimeAndLevel) {
  CaptureStderr();
  log_warning("w");
  EXPECT_THAT(GetCapturedStderr(),
              testing::MatchesRegex("time=....-..-..T..:..:..\\....Z level=warning msg=\"w\"\n"));
}

TEST(Logger, MessagesBelowTheLevelAreNotWritten) {
  CaptureStderr();
  set_log_level(LogLevel::Warning);
  log_debug("d");
  log_info("i");
  log_warning("w");
  set_log_level(LogLevel::Debug);
  log_debug("seen");
  set_log_level(LogLevel::Info);
  const std::string written = GetCapturedStderr();
  EXPECT_THAT(written, Not(HasSubstr("\"d\"")));
  EXPECT_THAT(written, Not(HasSubstr("\"i\"")));
  EXPECT_THAT(written, HasSubstr("\"w\""));
  EXPECT_THAT(written, HasSubstr("level=debug msg=\"seen\""));
}

TEST(Logger, LevelsAreReadByName) {
  EXPECT_EQ(parse_log_level("debug").value(), LogLevel::Debug);
  EXPECT_EQ(parse_log_level("info").value(), LogLevel::Info);
  EXPECT_EQ(parse_log_level("warning").value(), LogLevel::Warning);
  EXPECT_EQ(parse_log_level("error").value(), LogLevel::Error);
  const auto wrong = parse_log_level("loud");
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().message, HasSubstr("\"loud\""));
}

}  // namespace
}  // namespace podvisor
