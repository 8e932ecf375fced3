// The cases of Kubernetes' own test of its deployment controller (TestScale), and their reason.
#include "core/deployment_scale.h"

#include <gtest/gtest.h>

#include <map>

namespace podvisor {
namespace {

using Sizes = std::map<std::string, int>;

/// Revisions are named so that the later name is the younger.
Sizes share(const Sizes& sizes, const ScaleTo& to) {
  std::vector<RevisionSize> given;
  for (const auto& [revision, size] : sizes) given.push_back({revision, size, given.size()});
  Sizes result;
  for (const RevisionSize& each : scaled(given, to)) result[each.revision] = each.size;
  return result;
}

TEST(DeploymentScale, ROL4_AsKubernetesScales) {
  struct Case {
    const char* what;
    Sizes before;
    ScaleTo to;
    Sizes after;
  };
  const Case cases[] = {
      {"10 -> 12", {{"v1", 10}}, {12, 0, 10}, {{"v1", 12}}},
      {"10 -> 5", {{"v1", 10}}, {5, 0, 10}, {{"v1", 5}}},
      {"5 -> 10", {{"v1", 3}, {"v2", 2}}, {10, 0, 5}, {{"v1", 6}, {"v2", 4}}},
      {"5 -> 3", {{"v1", 3}, {"v2", 2}}, {3, 0, 5}, {{"v1", 2}, {"v2", 1}}},
      {"9 -> 4", {{"v1", 1}, {"v2", 8}}, {4, 0, 9}, {{"v1", 0}, {"v2", 4}}},
      {"7 -> 10", {{"v1", 2}, {"v2", 3}, {"v3", 2}}, {10, 0, 7}, {{"v1", 3}, {"v2", 4}, {"v3", 3}}},
      {"13 -> 8", {{"v1", 3}, {"v2", 8}, {"v3", 2}}, {8, 0, 13}, {{"v1", 2}, {"v2", 5}, {"v3", 1}}},
      {"what is left goes to the youngest: 3 -> 4",
       {{"v1", 1}, {"v2", 1}, {"v3", 1}},
       {4, 0, 3},
       {{"v1", 1}, {"v2", 1}, {"v3", 2}}},
      {"and is taken from the oldest: 3 -> 2",
       {{"v1", 1}, {"v2", 1}, {"v3", 1}},
       {2, 0, 3},
       {{"v1", 0}, {"v2", 1}, {"v3", 1}}},
      {"of the same size the younger: 4 -> 5",
       {{"v1", 2}, {"v2", 2}},
       {5, 0, 4},
       {{"v1", 2}, {"v2", 3}}},
      {"6 -> 0", {{"v1", 1}, {"v2", 2}, {"v3", 3}}, {0, 0, 6}, {{"v1", 0}, {"v2", 0}, {"v3", 0}}},
      {"surge is shared too", {{"v1", 6}, {"v2", 6}}, {20, 2, 12}, {{"v1", 11}, {"v2", 11}}},
      {"surge and size change", {{"v1", 8}, {"v2", 5}}, {50, 6, 13}, {{"v1", 34}, {"v2", 22}}},
      {"size and template change", {{"v1", 3}, {"v2", 7}}, {14, 0, 10}, {{"v1", 4}, {"v2", 10}}},
      {"nothing to share", {{"v1", 1}, {"v2", 2}}, {2, 1, 3}, {{"v1", 1}, {"v2", 2}}},
      {"surge goes with the last: 6 -> 0",
       {{"v1", 4}, {"v2", 4}},
       {0, 0, 8},
       {{"v1", 0}, {"v2", 0}}},
  };
  for (const Case& each : cases) EXPECT_EQ(share(each.before, each.to), each.after) << each.what;
}

TEST(DeploymentScale, TheSumIsReplicasAndSurge) {
  for (int a = 1; a < 8; ++a)
    for (int b = 1; b < 8; ++b)
      for (int c = 1; c < 8; ++c)
        for (int replicas = 1; replicas < 24; ++replicas) {
          int sum = 0;
          for (const auto& [revision, size] :
               share({{"a", a}, {"b", b}, {"c", c}}, {replicas, 2, a + b + c})) {
            EXPECT_GE(size, 0);
            sum += size;
          }
          EXPECT_EQ(sum, replicas + 2) << a << " " << b << " " << c;
        }
}

}  // namespace
}  // namespace podvisor
