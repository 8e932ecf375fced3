#include "runtime/cgroup/hierarchies.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace podvisor {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kRoot = "/sys/fs/cgroup";

TEST(FindHierarchies, HybridWithOneControllerAHierarchy) {
  const auto found = find_hierarchies(
      "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n"
      "32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu\n"
      "33 31 0:30 / /sys/fs/cgroup/cpuacct rw,relatime - cgroup cgroup rw,cpuacct\n"
      "34 31 0:31 / /sys/fs/cgroup/cpuset rw,relatime - cgroup cgroup rw,cpuset\n"
      "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n"
      "39 31 0:36 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids\n"
      "40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd\n"
      "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n",
      "9:name=systemd:/\n8:pids:/\n4:memory:/jobs/1\n3:cpuset:/\n2:cpuacct:/\n1:cpu:/\n0::/\n",
      kRoot);
  EXPECT_THAT(
      found.v1,
      ElementsAre(Hierarchy{{"cpu"}, "/sys/fs/cgroup/cpu", "/sys/fs/cgroup/cpu"},
                  Hierarchy{{"cpuacct"}, "/sys/fs/cgroup/cpuacct", "/sys/fs/cgroup/cpuacct"},
                  Hierarchy{{"memory"}, "/sys/fs/cgroup/memory", "/sys/fs/cgroup/memory/jobs/1"},
                  Hierarchy{{"pids"}, "/sys/fs/cgroup/pids", "/sys/fs/cgroup/pids"}));
  ASSERT_TRUE(found.unified);
  EXPECT_EQ(found.unified->own, "/sys/fs/cgroup/unified");
  EXPECT_THAT(found.others,
              ElementsAre(Hierarchy{{}, "/sys/fs/cgroup/cpuset", "/sys/fs/cgroup/cpuset"},
                          Hierarchy{{}, "/sys/fs/cgroup/systemd", "/sys/fs/cgroup/systemd"}));
}

TEST(FindHierarchies, ControllersMountedTogetherAreOneHierarchy) {
  const auto found = find_hierarchies(
      "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw shared:9 - cgroup cgroup rw,cpu,cpuacct\n"
      "35 31 0:32 / /sys/fs/cgroup/memory rw shared:10 master:2 - cgroup cgroup rw,memory\n",
      "5:memory:/user.slice\n4:cpu,cpuacct:/user.slice/a\n1:name=systemd:/x\n", kRoot);
  ASSERT_EQ(found.v1.size(), 2U);
  EXPECT_THAT(found.v1[0].controllers, ElementsAre("cpu", "cpuacct"));
  EXPECT_EQ(found.v1[0].own, "/sys/fs/cgroup/cpu,cpuacct/user.slice/a");
  EXPECT_EQ(find_controller(found.v1, "cpuacct"), &found.v1[0]);
  EXPECT_EQ(find_controller(found.v1, "memory"), &found.v1[1]);
  EXPECT_EQ(find_controller(found.v1, "pids"), nullptr);
}

TEST(FindHierarchies, UnifiedAlone) {
  const auto found =
      find_hierarchies("30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw\n",
                       "0::/system.slice/podvisor.service\n", kRoot);
  EXPECT_THAT(found.v1, IsEmpty());
  ASSERT_TRUE(found.unified);
  EXPECT_EQ(found.unified->mount, "/sys/fs/cgroup");
  EXPECT_EQ(found.unified->own, "/sys/fs/cgroup/system.slice/podvisor.service");
}

TEST(FindHierarchies, APathThatStartsAtTheMountedPartIsSeenFromThere) {
  const auto found = find_hierarchies(
      "35 31 0:32 /docker/a /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
      "36 31 0:33 /docker/a /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n",
      "5:memory:/docker/a/b\n4:pids:/docker/a\n", kRoot);
  ASSERT_EQ(found.v1.size(), 2U);
  EXPECT_EQ(found.v1[0].own, "/sys/fs/cgroup/memory/b");
  EXPECT_EQ(found.v1[1].own, "/sys/fs/cgroup/pids");
}

TEST(FindHierarchies, ACgroupThatCannotBeSeenDoesNotCount) {
  const auto found = find_hierarchies(
      "35 31 0:32 /docker/a /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
      "30 23 0:26 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n",
      "5:memory:/docker/ab\n0::/../other\n", kRoot);
  EXPECT_THAT(found.v1, IsEmpty());
  EXPECT_FALSE(found.unified);
}

TEST(FindHierarchies, MountsElsewhereDoNotCount) {
  const auto found = find_hierarchies(
      "30 23 0:26 / /sys/fs/cgroup2 rw - cgroup2 cgroup2 rw\n"
      "31 23 0:26 / /mnt rw - cgroup2 cgroup2 rw\n",
      "0::/\n", kRoot);
  EXPECT_FALSE(found.unified);
}

TEST(FindHierarchies, EscapedMountPoints) {
  const auto found = find_hierarchies("30 23 0:26 / /my\\040groups rw - cgroup2 cgroup2 rw\n",
                                      "0::/a:b\n", "/my groups");
  ASSERT_TRUE(found.unified);
  EXPECT_EQ(found.unified->own, "/my groups/a:b");
}

TEST(FindHierarchies, GarbageHasNoHierarchies) {
  for (const char* text :
       {"", "\n\n", "-", "a b c d e f -", "30 23 0:26 / /sys/fs/cgroup rw cgroup2",
        "\xff\xfe - - - -", "1 2 3 / /sys/fs/cgroup\\ rw - cgroup2 c rw"}) {
    const auto found = find_hierarchies(text, text, kRoot);
    EXPECT_THAT(found.v1, IsEmpty()) << text;
    EXPECT_FALSE(found.unified) << text;
  }
}

}  // namespace
}  // namespace podvisor
