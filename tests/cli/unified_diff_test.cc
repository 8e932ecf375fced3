#include "cli/unified_diff.h"

#include <gtest/gtest.h>

namespace podvisor::cli {
namespace {

TEST(UnifiedDiff, TheSameIsNothing) { EXPECT_EQ(unified_diff("a", "x\ny\n", "b", "x\ny\n"), ""); }

TEST(UnifiedDiff, AChangedLineStandsInItsContext) {
  EXPECT_EQ(unified_diff("a", "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "b", "1\n2\n3\n4\nV\n6\n7\n8\n9\n"),
            "--- a\n+++ b\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+V\n 6\n 7\n 8\n");
}

TEST(UnifiedDiff, ChangesFarApartAreHunksOfTheirOwn) {
  std::string before;
  std::string after;
  for (int i = 1; i <= 20; ++i) {
    before += std::to_string(i) + "\n";
    after += (i == 2 || i == 18 ? "x" : std::to_string(i)) + "\n";
  }
  EXPECT_EQ(unified_diff("a", before, "b", after),
            "--- a\n+++ b\n@@ -1,5 +1,5 @@\n 1\n-2\n+x\n 3\n 4\n 5\n"
            "@@ -15,6 +15,6 @@\n 15\n 16\n 17\n-18\n+x\n 19\n 20\n");
}

TEST(UnifiedDiff, ChangesNearEachOtherShareAHunk) {
  EXPECT_EQ(unified_diff("a", "1\n2\n3\n4\n5\n6\n", "b", "x\n2\n3\n4\n5\ny\n"),
            "--- a\n+++ b\n@@ -1,6 +1,6 @@\n-1\n+x\n 2\n 3\n 4\n 5\n-6\n+y\n");
}

TEST(UnifiedDiff, FromNothingEverythingIsNew) {
  EXPECT_EQ(unified_diff("a", "", "b", "1\n2\n"), "--- a\n+++ b\n@@ -0,0 +1,2 @@\n+1\n+2\n");
}

}  // namespace
}  // namespace podvisor::cli
