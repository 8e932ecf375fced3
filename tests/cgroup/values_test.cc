#include "runtime/cgroup/values.h"

#include <gtest/gtest.h>

namespace podvisor {
namespace {

TEST(ParseNumber, WholeTextWithItsNewline) {
  EXPECT_EQ(parse_number("0\n"), 0);
  EXPECT_EQ(parse_number("9223372036854771712\n"), 9223372036854771712);
  EXPECT_EQ(parse_number(" -1"), -1);
}

TEST(ParseNumber, GarbageIsNoNumber) {
  for (const char* text : {"", "\n", "max\n", "12x", "1 2", "0x10", "9223372036854775808",
                           "99999999999999999999999", "+1", "--1", "\xff\xfe"})
    EXPECT_EQ(parse_number(text), std::nullopt) << text;
}

TEST(FindValue, TakesTheLineOfThatKeyAlone) {
  const char* text = "low 1\nhigh 2\nmax 3\noom 4\noom_kill 5\noom_group_kill 6\n";
  EXPECT_EQ(find_value(text, "oom"), 4);
  EXPECT_EQ(find_value(text, "oom_kill"), 5);
  EXPECT_EQ(find_value(text, "oom_group_kill"), 6);
  EXPECT_EQ(find_value(text, "kill"), std::nullopt);
}

TEST(FindValue, GarbageHasNoValue) {
  EXPECT_EQ(find_value("", "oom_kill"), std::nullopt);
  EXPECT_EQ(find_value("oom_kill", "oom_kill"), std::nullopt);
  EXPECT_EQ(find_value("oom_kill \n", "oom_kill"), std::nullopt);
  EXPECT_EQ(find_value("oom_kill many\n", "oom_kill"), std::nullopt);
  EXPECT_EQ(find_value("oom_kill 3 4\n", "oom_kill"), std::nullopt);
  EXPECT_EQ(find_value("\n\n\noom_kill 7", "oom_kill"), 7);
}

TEST(HasWord, WholeWordsOnly) {
  EXPECT_TRUE(has_word("cpuset cpu io memory pids\n", "pids"));
  EXPECT_TRUE(has_word("cpuset cpu io\n", "cpu"));
  EXPECT_FALSE(has_word("cpuset io\n", "cpu"));
  EXPECT_FALSE(has_word("", "cpu"));
}

}  // namespace
}  // namespace podvisor
