#include "cli/text.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <ctime>

namespace podvisor::cli {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(HumanDuration, ReadsAsKubectlsDoes) {
  struct Case {
    Duration duration;
    const char* text;
  };
  const Case cases[] = {
      {seconds(-2), "<invalid>"},
      {seconds(-1), "0s"},
      {seconds(0), "0s"},
      {seconds(119), "119s"},
      {seconds(120), "2m"},
      {minutes(3) + seconds(10), "3m10s"},
      {minutes(9) + seconds(59), "9m59s"},
      {minutes(10) + seconds(59), "10m"},
      {minutes(179), "179m"},
      {hours(3), "3h"},
      {hours(7) + minutes(59), "7h59m"},
      {hours(8) + minutes(59), "8h"},
      {hours(47), "47h"},
      {hours(48), "2d"},
      {hours(52), "2d4h"},
      {hours(24 * 8 - 1), "7d23h"},
      {hours(24 * 8 + 5), "8d"},
      {days(729), "729d"},
      {days(730), "2y"},
      {days(735), "2y5d"},
      {days(365 * 8 + 3), "8y"},
  };
  for (const Case& c : cases) EXPECT_EQ(human_duration(c.duration), c.text);
}

TEST(ParseTime, TakesWhatTheApiWrites) {
  const WallTime noon = std::chrono::sys_days(std::chrono::year(2026) / 3 / 1) + hours(12);
  EXPECT_EQ(parse_time("2026-03-01T12:00:00Z"), noon);
  EXPECT_EQ(parse_time("2026-03-01T12:00:00.250000Z"), noon + std::chrono::milliseconds(250));
  EXPECT_EQ(parse_time("2026-03-01T14:00:00+02:00"), noon);
}

TEST(ParseTime, RefusesTheRest) {
  for (const char* text : {"", "now", "2026-03-01", "2026-03-01T12:00:00", "2026-03-01T12:00:00Zx",
                           "2026-13-01T12:00:00Z"})
    EXPECT_EQ(parse_time(text), std::nullopt) << text;
}

TEST(Age, IsUnknownWithoutATime) {
  EXPECT_EQ(age("", WallTime{}), "<unknown>");
  EXPECT_EQ(age("1970-01-01T00:00:00Z", WallTime(minutes(5))), "5m");
}

TEST(LocalTime, ShowsTheLocalZone) {
  ASSERT_EQ(setenv("TZ", "UTC-2", 1), 0);  // POSIX spells east of Greenwich with a minus
  tzset();
  EXPECT_EQ(local_time("2026-03-01T12:00:00Z"), "Sun, 01 Mar 2026 14:00:00 +0200");
  ASSERT_EQ(unsetenv("TZ"), 0);
  tzset();
}

TEST(ParseDuration, TakesGosDurations) {
  EXPECT_EQ(parse_duration("30s").value(), seconds(30));
  EXPECT_EQ(parse_duration("1m30s").value(), seconds(90));
  EXPECT_EQ(parse_duration("1.5h").value(), minutes(90));
  EXPECT_EQ(parse_duration("250ms").value(), std::chrono::milliseconds(250));
  EXPECT_EQ(parse_duration("-1s").value(), seconds(-1));
  EXPECT_EQ(parse_duration("0").value(), Duration{0});
}

TEST(ParseDuration, RefusesTheRest) {
  for (const char* text :
       {"", "-", "30", "s", "30 s", "1m-3s", "--1s", "1e3s", "9999999h", "5x", "nans", "infs"})
    EXPECT_FALSE(parse_duration(text)) << text;
}

TEST(Printable, LeavesNothingThatSteersATerminal) {
  EXPECT_EQ(printable("plain \xC3\xA9\xE2\x82\xAC"), "plain \xC3\xA9\xE2\x82\xAC");
  EXPECT_EQ(printable("\x1b[31mred"), "^[[31mred");
  EXPECT_EQ(printable("a\rb\nc\td"), "a\\rb c d");
  EXPECT_EQ(printable(std::string("a\0\x07\x7f", 4)), "a");
  EXPECT_EQ(printable("a\xC2\x9B"
                      "31mb"),
            "a31mb");
}

TEST(PrintableJson, StaysTheSameJson) {
  EXPECT_EQ(printable_json("\"a\x7f\xC2\x9B\xC3\xA9\""), "\"a\\u007f\\u009b\xC3\xA9\"");
}

}  // namespace
}  // namespace podvisor::cli
