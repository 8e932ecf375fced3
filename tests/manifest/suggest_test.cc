#include "manifest/suggest.h"

#include <gtest/gtest.h>

namespace podvisor::manifest {
namespace {

const std::vector<std::string> kWords = {"command",         "args", "image",
                                         "imagePullPolicy", "env",  "tty"};

TEST(Suggest, CountsEditsAndSwaps) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("abc", ""), 3U);
  EXPECT_EQ(edit_distance("abc", "abd"), 1U);
  EXPECT_EQ(edit_distance("abc", "acb"), 1U);
  EXPECT_EQ(edit_distance("ABC", "abc"), 0U);
}

TEST(Suggest, FindsTheNearestWord) {
  EXPECT_EQ(nearest("comand", kWords), "command");
  EXPECT_EQ(nearest("Image", kWords), "image");
  EXPECT_EQ(nearest("imagepullpolcy", kWords), "imagePullPolicy");
}

TEST(Suggest, SaysNothingWhenNothingIsNear) {
  EXPECT_EQ(nearest("volumes", kWords), "");
  EXPECT_EQ(nearest("x", kWords), "");
  EXPECT_EQ(nearest(std::string(100'000, 'c'), kWords), "");
}

}  // namespace
}  // namespace podvisor::manifest
