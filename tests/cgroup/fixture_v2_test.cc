// cgroup v2 on a directory of plain files: what is written, and what is made of what is read.
#include <gtest/gtest.h>

#include "cgroup/fixture_tree.h"
#include "runtime/cgroup/cgroup_v2.h"
#include "runtime/cgroup/delegation.h"

namespace podvisor {
namespace {

constexpr const char* kWeb = "podvisor/podu1/web";
const std::map<std::string, std::string> kInner = {
    {"cgroup.controllers", "cpuset cpu io memory pids\n"}, {"cgroup.subtree_control", ""}};

class CgroupV2Files : public testing::Test {
 protected:
  CgroupV2Files() {
    tree_.write("podvisor", kInner);
    tree_.write("podvisor/podu1", kInner);
    tree_.write(kWeb,
                {{"cgroup.events", "populated 1\nfrozen 0\n"},
                 {"cgroup.procs", "12\n13\n14\n"},
                 {"memory.max", "max\n"},
                 {"memory.swap.max", "max\n"},
                 {"memory.oom.group", "0\n"},
                 {"cpu.max", "max 100000\n"},
                 {"cpu.weight", "100\n"},
                 {"pids.max", "max\n"},
                 {"memory.current", "5000\n"},
                 {"memory.swap.current", "11\n"},
                 {"memory.events", "low 0\nhigh 0\nmax 9\noom 4\noom_kill 3\noom_group_kill 1\n"},
                 {"memory.stat", "anon 900\nfile 700\nkernel 80\ninactive_file 1200\n"},
                 {"pids.current", "5\n"},
                 {"io.stat",
                  "8:0 rbytes=100 wbytes=20 rios=3 wios=4 dbytes=0 dios=0\n"
                  "8:16 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0\n"},
                 {"cpu.stat",
                  "usage_usec 1500000\nuser_usec 1\nsystem_usec 2\nnr_periods 10\n"
                  "nr_throttled 4\nthrottled_usec 2500000\n"}});
  }

  std::unique_ptr<Cgroup> make(const CgroupLimits& limits) {
    auto tree = open_cgroup_tree_v2(tree_.path(), tree_.path(), "podvisor");
    EXPECT_TRUE(tree) << tree.error().message;
    auto made = (*tree)->make("u1", "web", limits);
    EXPECT_TRUE(made) << made.error().message;
    return std::move(*made);
  }
  std::string text(const char* file) { return tree_.read(std::string(kWeb) + "/" + file); }

  FixtureTree tree_;
};

TEST_F(CgroupV2Files, RES1_RES2_RES3_RES4_LimitsAreWritten) {
  make({.memory_max = 8 << 20, .cpu_quota = 50000, .cpu_shares = 2000, .pids_max = 64});
  EXPECT_EQ(text("memory.max"), "8388608");
  EXPECT_EQ(text("memory.swap.max"), "0");
  EXPECT_EQ(text("memory.oom.group"), "1");
  EXPECT_EQ(text("cpu.max"), "50000 100000");
  EXPECT_EQ(text("cpu.weight"), "170");
  EXPECT_EQ(text("pids.max"), "64");
}

TEST_F(CgroupV2Files, NoLimitsLiftThoseOfBefore) {
  make({.memory_max = 8 << 20, .cpu_quota = 50000, .cpu_shares = 2000, .pids_max = 64});
  make({});
  EXPECT_EQ(text("memory.max"), "max");
  EXPECT_EQ(text("memory.swap.max"), "max");
  EXPECT_EQ(text("memory.oom.group"), "1");
  EXPECT_EQ(text("cpu.max"), "max 100000");
  EXPECT_EQ(text("cpu.weight"), "1");
  EXPECT_EQ(text("pids.max"), "max");
}

TEST_F(CgroupV2Files, ControllersReachTheContainer) {
  make({});
  EXPECT_EQ(tree_.read("podvisor/cgroup.subtree_control"), "+memory +cpu +pids +io");
  EXPECT_EQ(tree_.read("podvisor/podu1/cgroup.subtree_control"), "+memory +cpu +pids +io");
}

TEST_F(CgroupV2Files, OnlyMissingControllersAreEnabledAndOnlyUsedOnesWithdrawn) {
  tree_.write("inner", {{"cgroup.controllers", "cpuset cpu memory\n"},
                        {"cgroup.subtree_control", "cpuset cpu\n"}});
  const auto inner = CgroupDirectory::open(tree_.path("inner"));
  ASSERT_TRUE(inner);
  EXPECT_TRUE(delegate_controllers(*inner));
  EXPECT_EQ(tree_.read("inner/cgroup.subtree_control"), "+memory");
  tree_.write("inner", {{"cgroup.subtree_control", "cpuset cpu memory\n"}});
  EXPECT_TRUE(delegate_controllers(*inner));
  EXPECT_EQ(tree_.read("inner/cgroup.subtree_control"), "cpuset cpu memory\n");
  EXPECT_TRUE(withdraw_controllers(*inner));
  EXPECT_EQ(tree_.read("inner/cgroup.subtree_control"), "-memory -cpu");
}

TEST_F(CgroupV2Files, ALimitWithoutItsControllerIsAnErrorThatNamesTheFile) {
  std::filesystem::remove(tree_.path(kWeb) + "/cpu.max");
  std::filesystem::remove(tree_.path(kWeb) + "/memory.swap.max");
  make({.memory_max = 4096});  // what is not wanted is not missed
  auto tree = open_cgroup_tree_v2(tree_.path(), tree_.path(), "podvisor");
  const auto limited = (*tree)->make("u1", "web", {.cpu_quota = 1000});
  ASSERT_FALSE(limited);
  EXPECT_EQ(limited.error().error_number, ENOENT);
  EXPECT_EQ(limited.error().message,
            "cgroup of container web of pod u1: open " + tree_.path(kWeb) +
                "/cpu.max: No such file or directory (is its controller enabled for this cgroup? "
                "See cgroup.controllers beside it)");
}

TEST_F(CgroupV2Files, EntryIsTheDirectory) {
  const auto cgroup = make({});
  EXPECT_GE(cgroup->entry().directory, 0);
  EXPECT_TRUE(cgroup->entry().tasks.empty());
}

TEST_F(CgroupV2Files, MET6_MET7_Usage) {
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
  EXPECT_EQ(usage.memory_failcnt, 9);
  EXPECT_EQ(usage.memory_limit, 1 << 20);
  EXPECT_EQ(usage.oom_kills, 3);
  EXPECT_EQ(usage.processes, 3);
  EXPECT_EQ(usage.threads, 5);
  EXPECT_EQ(usage.fs_read_bytes, 101);
  EXPECT_EQ(usage.fs_written_bytes, 22);
  EXPECT_EQ(usage.fs_reads, 6);
  EXPECT_EQ(usage.fs_writes, 8);
}

TEST_F(CgroupV2Files, NoMemoryLimitReadsAsZero) { EXPECT_EQ(make({})->usage().memory_limit, 0); }

TEST_F(CgroupV2Files, MET7_WorkingSetIsNeverNegative) {
  const auto cgroup = make({});
  tree_.write(kWeb, {{"memory.current", "1000\n"}});
  EXPECT_EQ(cgroup->usage().memory_working_set, 0);
}

TEST_F(CgroupV2Files, RES9_CountsKillsAndNotOoms) { EXPECT_EQ(make({})->oom_kills(), 3); }

TEST_F(CgroupV2Files, GarbageLeavesValuesUnset) {
  const auto cgroup = make({});
  tree_.write(kWeb, {{"memory.stat", std::string(200'000, 'x')},
                     {"memory.current", "many\n"},
                     {"memory.max", "\n"},
                     {"memory.events", "oom_kill\noom_kill_x 5\n"},
                     {"cpu.stat", "usage_usec 1.5\n"},
                     {"cgroup.procs", "12\nabc\n-4\n4294967297\n\n99999999999999999999999\n13"},
                     {"cgroup.events", ""}});
  const ContainerUsage usage = cgroup->usage();
  EXPECT_EQ(cgroup->oom_kills(), 0);
  EXPECT_TRUE(cgroup->empty());
  EXPECT_EQ(usage.cpu_seconds, std::nullopt);
  EXPECT_EQ(usage.memory_usage, std::nullopt);
  EXPECT_EQ(usage.memory_working_set, std::nullopt);
  EXPECT_EQ(usage.memory_rss, std::nullopt);
  EXPECT_EQ(usage.memory_limit, std::nullopt);
  EXPECT_EQ(usage.oom_kills, std::nullopt);
  EXPECT_EQ(usage.processes, 1);
}

TEST_F(CgroupV2Files, PopulatedMeansNotEmpty) { EXPECT_FALSE(make({})->empty()); }

TEST_F(CgroupV2Files, KillAllWritesCgroupKill) {
  tree_.write(kWeb, {{"cgroup.kill", ""}});
  make({})->kill_all();
  EXPECT_EQ(text("cgroup.kill"), "1");
  EXPECT_EQ(text("pids.max"), "max");
}

}  // namespace
}  // namespace podvisor
