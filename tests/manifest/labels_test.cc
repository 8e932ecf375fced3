#include "manifest/labels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace podvisor::manifest {
namespace {

using testing::Pair;
using testing::UnorderedElementsAre;

TEST(ParseLabels, ReadsKubeletsForm) {
  EXPECT_THAT(*parse_labels("a=b,example.com/c=,"),
              UnorderedElementsAre(Pair("a", "b"), Pair("example.com/c", "")));
  EXPECT_FALSE(parse_labels("a"));
  EXPECT_FALSE(parse_labels("a=b c"));
}

}  // namespace
}  // namespace podvisor::manifest
