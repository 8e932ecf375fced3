// cgroup v1 on a directory of plain files: what is written, and what is made of what is read.
#include <gtest/gtest.h>

#include "cgroup/fixture_tree.h"
#include "runtime/cgroup/cgroup_v1.h"

namespace podvisor {
namespace {

constexpr const char* kMemory = "memory/podvisor/podu1/web";
constexpr const char* kCpu = "cpu,cpuacct/own/podvisor/podu1/web";
constexpr const char* kPids = "pids/podvisor/podu1/web";

class CgroupV1Files : public testing::Test {
 protected:
  CgroupV1Files() {
    tree_.write(kMemory, {{"tasks", ""},
                          {"cgroup.procs", "12\n13\n"},
                          {"memory.limit_in_bytes", "9223372036854771712\n"},
                          {"memory.memsw.limit_in_bytes", "9223372036854771712\n"},
                          {"memory.usage_in_bytes", "5000\n"},
                          {"memory.failcnt", "3\n"},
                          {"memory.memsw.failcnt", "4\n"},
                          {"memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n"},
                          {"memory.stat", kStat}});
    tree_.write(kCpu, {{"tasks", ""},
                       {"cpu.shares", "1024\n"},
                       {"cpu.cfs_quota_us", "-1\n"},
                       {"cpu.cfs_period_us", "100000\n"},
                       {"cpu.stat", "nr_periods 10\nnr_throttled 4\nthrottled_time 2500000000\n"},
                       {"cpuacct.usage", "1500000000\n"}});
    tree_.write(kPids, {{"tasks", ""}, {"pids.max", "max\n"}});
  }

  std::unique_ptr<Cgroup> make(const CgroupLimits& limits) {
    auto tree = open_cgroup_tree_v1({{{"memory"}, "", tree_.path("memory")},
                                     {{"cpu", "cpuacct"}, "", tree_.path("cpu,cpuacct/own")},
                                     {{"pids"}, "", tree_.path("pids")}},
                                    "podvisor");
    EXPECT_TRUE(tree) << tree.error().message;
    auto made = (*tree)->make("u1", "web", limits);
    EXPECT_TRUE(made) << made.error().message;
    return std::move(*made);
  }
  std::string text(const char* directory, const char* file) {
    return tree_.read(std::string(directory) + "/" + file);
  }

  static constexpr const char* kStat =
      "cache 1\nrss 2\nswap 3\ninactive_file 4\nhierarchical_memory_limit 5\n"
      "total_cache 700\ntotal_rss 900\ntotal_swap 11\ntotal_inactive_file 1200\n";
  FixtureTree tree_;
};

TEST_F(CgroupV1Files, RES1_RES3_LimitsAreWritten) {
  make({.memory_max = 8 << 20, .cpu_quota = 50000, .cpu_shares = 512, .pids_max = 64});
  EXPECT_EQ(text(kMemory, "memory.limit_in_bytes"), "8388608");
  EXPECT_EQ(text(kMemory, "memory.memsw.limit_in_bytes"), "8388608");
  EXPECT_EQ(text(kCpu, "cpu.shares"), "512");
  EXPECT_EQ(text(kCpu, "cpu.cfs_period_us"), "100000");
  EXPECT_EQ(text(kCpu, "cpu.cfs_quota_us"), "50000");
  EXPECT_EQ(text(kPids, "pids.max"), "64");
}

TEST_F(CgroupV1Files, NoLimitsLiftThoseOfBefore) {
  make({.memory_max = 8 << 20, .cpu_quota = 50000, .cpu_shares = 512, .pids_max = 64});
  make({});
  EXPECT_EQ(text(kMemory, "memory.limit_in_bytes"), "-1");
  EXPECT_EQ(text(kMemory, "memory.memsw.limit_in_bytes"), "-1");
  EXPECT_EQ(text(kCpu, "cpu.shares"), "2");
  EXPECT_EQ(text(kCpu, "cpu.cfs_quota_us"), "-1");
  EXPECT_EQ(text(kPids, "pids.max"), "max");
}

TEST_F(CgroupV1Files, WithoutSwapAccountingMemoryAloneIsLimited) {
  std::filesystem::remove(tree_.path(kMemory) + "/memory.memsw.limit_in_bytes");
  make({.memory_max = 4096});
  EXPECT_EQ(text(kMemory, "memory.limit_in_bytes"), "4096");
}

TEST_F(CgroupV1Files, EntryIsOneTasksFileAHierarchy) {
  const auto cgroup = make({});
  const CgroupEntry entry = cgroup->entry();
  EXPECT_EQ(entry.directory, -1);
  ASSERT_EQ(entry.tasks.size(), 3U);
  for (const int fd : entry.tasks) EXPECT_EQ(::write(fd, "0", 1), 1);
  for (const char* directory : {kMemory, kCpu, kPids}) EXPECT_EQ(text(directory, "tasks"), "0");
}

TEST_F(CgroupV1Files, MET6_MET7_Usage) {
  const auto cgroup = make({.memory_max = 1 << 20});
  const ContainerUsage usage = cgroup->usage();
  EXPECT_EQ(usage.cpu_seconds, 1.5);
  EXPECT_EQ(usage.cfs_periods, 10);
  EXPECT_EQ(usage.cfs_throttled_periods, 4);
  EXPECT_EQ(usage.cfs_throttled_seconds, 2.5);
  EXPECT_EQ(usage.memory_usage, 5000);
  EXPECT_EQ(usage.memory_working_set, 3800);
  EXPECT_EQ(usage.memory_rss, 900);
  EXPECT_EQ(usage.memory_cache, 700);
  EXPECT_EQ(usage.memory_swap, 11);
  EXPECT_EQ(usage.memory_failcnt, 7);
  EXPECT_EQ(usage.memory_limit, 1 << 20);
  EXPECT_EQ(usage.oom_kills, 2);
  EXPECT_EQ(usage.processes, 2);
}

TEST_F(CgroupV1Files, NoMemoryLimitReadsAsZero) {
  const auto cgroup = make({});
  tree_.write(kMemory, {{"memory.limit_in_bytes", "9223372036854771712\n"}});
  EXPECT_EQ(cgroup->usage().memory_limit, 0);
}

TEST_F(CgroupV1Files, RES9_CountsKillsAndNotOoms) { EXPECT_EQ(make({})->oom_kills(), 2); }

TEST_F(CgroupV1Files, AKernelThatDoesNotCountKillsHasNone) {
  tree_.write(kMemory, {{"memory.oom_control", "oom_kill_disable 0\nunder_oom 1\n"}});
  const auto cgroup = make({});
  EXPECT_EQ(cgroup->oom_kills(), 0);
  EXPECT_EQ(cgroup->usage().oom_kills, std::nullopt);
}

TEST_F(CgroupV1Files, GarbageLeavesValuesUnset) {
  const auto cgroup = make({});
  tree_.write(kMemory, {{"memory.stat", std::string(200'000, 'x')},
                        {"memory.usage_in_bytes", "\xff\n"},
                        {"memory.oom_control", "oom_kill -\n"},
                        {"memory.limit_in_bytes", ""},
                        {"memory.failcnt", "3 3\n"}});
  tree_.write(kCpu, {{"cpu.stat", "nr_periods\nnr_throttled \n\n throttled_time 5"},
                     {"cpuacct.usage", "99999999999999999999"}});
  const ContainerUsage usage = cgroup->usage();
  EXPECT_EQ(cgroup->oom_kills(), 0);
  EXPECT_EQ(usage.cpu_seconds, std::nullopt);
  EXPECT_EQ(usage.cfs_periods, std::nullopt);
  EXPECT_EQ(usage.cfs_throttled_seconds, std::nullopt);
  EXPECT_EQ(usage.memory_usage, std::nullopt);
  EXPECT_EQ(usage.memory_working_set, std::nullopt);
  EXPECT_EQ(usage.memory_rss, std::nullopt);
  EXPECT_EQ(usage.memory_limit, std::nullopt);
  EXPECT_EQ(usage.memory_failcnt, std::nullopt);
}

TEST_F(CgroupV1Files, EmptyWhenNoProcessIsInItNorBelow) {
  const auto cgroup = make({});
  EXPECT_FALSE(cgroup->empty());
  tree_.write(kMemory, {{"cgroup.procs", ""}});
  EXPECT_TRUE(cgroup->empty());
  tree_.write(std::string(kMemory) + "/nested", {{"cgroup.procs", "14\n"}});
  EXPECT_FALSE(cgroup->empty());
}

TEST_F(CgroupV1Files, ALimitWithoutItsControllerIsAnErrorAndNoLimitIsNone) {
  auto tree = open_cgroup_tree_v1({{{"memory"}, "", tree_.path("memory")}}, "podvisor");
  ASSERT_TRUE(tree);
  EXPECT_TRUE((*tree)->make("u1", "web", {}));
  const auto limited = (*tree)->make("u1", "web", {.pids_max = 5});
  ASSERT_FALSE(limited);
  EXPECT_EQ(limited.error().message,
            "cgroup of container web of pod u1: this host has no cgroup hierarchy with the pids "
            "controller: remove the limit, or mount one");
}

}  // namespace
}  // namespace podvisor
