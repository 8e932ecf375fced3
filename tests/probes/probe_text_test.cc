#include "probes/probe_text.h"

#include <gtest/gtest.h>

namespace podvisor {
namespace {

TEST(ProbeText, QuoteKeepsTextOnOneLine) {
  EXPECT_EQ(quote("plain"), "\"plain\"");
  EXPECT_EQ(quote("a\"b\\c\nd\te\x01"), "\"a\\\"b\\\\c\\nd\\te\\x01\"");
}

TEST(ProbeText, EXE3_DurationsReadAsTheKubeletsDo) {
  EXPECT_EQ(duration_text(Seconds(0)), "0s");
  EXPECT_EQ(duration_text(Seconds(1)), "1s");
  EXPECT_EQ(duration_text(Seconds(90)), "1m30s");
  EXPECT_EQ(duration_text(Seconds(3600)), "1h0m0s");
}

}  // namespace
}  // namespace podvisor
