#include "http/target.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace podvisor {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(HttpTarget, SplitsPathAndQuery) {
  const auto target = parse_target("/a/b?x=1&y=two&x=3");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/a/b");
  EXPECT_THAT(target->query, ElementsAre(Pair("x", "1"), Pair("x", "3"), Pair("y", "two")));
}

TEST(HttpTarget, DecodesOnceAndPlusOnlyInTheQuery) {
  const auto target = parse_target("/a+%2525%20b?k%3D=v+w%26&flag&=&&");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/a+%25 b");
  EXPECT_THAT(target->query, ElementsAre(Pair("", ""), Pair("flag", ""), Pair("k=", "v w&")));
}

TEST(HttpTarget, AnEmptyQueryIsNone) {
  EXPECT_THAT(parse_target("/a?")->query, IsEmpty());
  EXPECT_THAT(parse_target("/a")->query, IsEmpty());
}

struct BadTarget : testing::TestWithParam<const char*> {};

TEST_P(BadTarget, IsRefused) { EXPECT_FALSE(parse_target(GetParam())); }

INSTANTIATE_TEST_SUITE_P(HttpTarget, BadTarget,
                         testing::Values("", "a", "*", "http://host/a", "/%", "/%4", "/%zz", "/%+1",
                                         "/%-1", "/%00", "/a%0d%0aX: y", "/\x01", "/a?b=%",
                                         "/a?%=b", "/a?b=%00", "/\x7f"));

}  // namespace
}  // namespace podvisor
