#include "podvisor/quantity_text.h"

#include <gtest/gtest.h>

#include <limits>
#include <utility>

namespace podvisor {
namespace {

TEST(QuantityText, SaysANumberOfBytesInTheShorterExactWay) {
  constexpr std::pair<std::int64_t, const char*> kRows[] = {
      {0, "0"},
      {1, "1"},
      {999, "999"},
      {1000, "1k"},
      {1024, "1Ki"},
      {1025, "1025"},
      {64 << 20, "64Mi"},
      {64000000, "64M"},
      {1536 << 20, "1536Mi"},
      {1LL << 60, "1Ei"},
      {std::numeric_limits<std::int64_t>::max(), "9223372036854775807"},
      {-1024, "-1Ki"},
  };
  for (const auto& [bytes, text] : kRows) EXPECT_EQ(quantity_text(bytes), text);
}

}  // namespace
}  // namespace podvisor
