// Limits, killing and removal on real cgroups.
#include "cgroup/cgroup_e2e.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

namespace podvisor {
namespace {

/// Runs `body` as a process of the cgroup and returns its exit code, -1 when it was killed.
int exit_code(const Cgroup& cgroup, const std::function<int()>& body) {
  const int status = Child(cgroup.entry(), body).wait();
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// How many forks succeed, up to 50.
int count_forks() {
  for (int forks = 0; forks < 50; ++forks) {
    const pid_t pid = ::fork();
    if (pid < 0) return forks;
    if (pid == 0) sleep_forever();
  }
  return 50;
}

/// Forks, in sessions of their own, as fast as it can for as long as it lives.
int storm() {
  ::signal(SIGCHLD, SIG_IGN);
  for (;;) {
    if (::fork() == 0) ::setsid();
  }
}

TEST_F(CgroupE2e, AParentWithASlashIsBelowTheTopWhereverWeAre) {
  const std::string name = parent_ + "-top";
  std::vector<std::string> made;
  for (const Hierarchy& hierarchy : current_hierarchies().v1)
    made.push_back(hierarchy.mount + "/" + name);
  if (on_v2()) made.push_back(current_hierarchies().unified.value().mount + "/" + name);
  const auto tree = open_cgroup_tree("/" + name);
  ASSERT_TRUE(tree) << tree.error().message;
  for (const std::string& path : made) EXPECT_TRUE(std::filesystem::exists(path)) << path;
  EXPECT_TRUE(remove_cgroup_tree("/" + name));
  for (const std::string& path : made) EXPECT_FALSE(std::filesystem::exists(path)) << path;
}

TEST_F(CgroupE2e, AChildThatEntersIsInIt) {
  const auto cgroup = make("web", {});
  EXPECT_TRUE(cgroup->empty());
  const Child child(cgroup->entry(), sleep_forever);
  EXPECT_TRUE(run_until(loop_, [&] { return cgroup->usage().processes == 1; }));
  for (const char* controller : {"memory", "cpu", "cpuacct", "pids"}) {
    EXPECT_TRUE(run_until(loop_, [&] {
      return text_of(path(controller, "web") + "/cgroup.procs") ==
             std::to_string(child.pid()) + "\n";
    })) << controller;
  }
  EXPECT_FALSE(cgroup->empty());
  destroy(*cgroup);
}

TEST_F(CgroupE2e, RES1_RES3_LimitsReadBack) {
  const auto cgroup =
      make("web", {.memory_max = 64 * kMiB, .cpu_quota = 25000, .cpu_shares = 1024, .pids_max = 7});
  EXPECT_EQ(cgroup->usage().memory_limit, 64 * kMiB);
  EXPECT_EQ(text_of(path("pids", "web") + "/pids.max"), "7\n");
  if (on_v2()) {
    EXPECT_EQ(text_of(path("cpu", "web") + "/cpu.max"), "25000 100000\n");
    EXPECT_EQ(text_of(path("cpu", "web") + "/cpu.weight"), "100\n");
    EXPECT_EQ(text_of(path("memory", "web") + "/memory.oom.group"), "1\n");
  } else {
    EXPECT_EQ(text_of(path("cpu", "web") + "/cpu.cfs_quota_us"), "25000\n");
    EXPECT_EQ(text_of(path("cpu", "web") + "/cpu.cfs_period_us"), "100000\n");
    EXPECT_EQ(text_of(path("cpu", "web") + "/cpu.shares"), "1024\n");
  }
  destroy(*cgroup);
}

TEST_F(CgroupE2e, OneThatIsInUseGetsTheNewLimits) {
  auto cgroup = make("web", {.memory_max = 64 * kMiB, .cpu_quota = 25000, .pids_max = 7});
  const Child child(cgroup->entry(), sleep_forever);
  ASSERT_TRUE(run_until(loop_, [&] { return !cgroup->empty(); }));
  EXPECT_EQ(make("web", {.memory_max = 32 * kMiB})->usage().memory_limit, 32 * kMiB);
  EXPECT_EQ(make("web", {.memory_max = 128 * kMiB})->usage().memory_limit, 128 * kMiB);
  cgroup = make("web", {});
  EXPECT_FALSE(cgroup->empty());
  EXPECT_EQ(cgroup->usage().memory_limit, 0);
  EXPECT_EQ(text_of(path("pids", "web") + "/pids.max"), "max\n");
  EXPECT_EQ(text_of(path("cpu", "web") + (on_v2() ? "/cpu.max" : "/cpu.cfs_quota_us")),
            on_v2() ? "max 100000\n" : "-1\n");
  destroy(*cgroup);
}

TEST_F(CgroupE2e, OneThatIsLeftFromBeforeIsMadeAnew) {
  auto cgroup = make("web", {.memory_max = 4 * kMiB});
  EXPECT_EQ(exit_code(*cgroup, [] { return use_memory(64 * kMiB); }), -1);
  EXPECT_GT(cgroup->oom_kills(), 0);
  cgroup = make("web", {.memory_max = 64 * kMiB});
  EXPECT_EQ(cgroup->oom_kills(), 0);
  EXPECT_EQ(cgroup->usage().memory_failcnt, 0);
  destroy(*cgroup);
}

TEST_F(CgroupE2e, PidsLimitStopsForks) {
  const auto cgroup = make("web", {.pids_max = 5});
  EXPECT_EQ(exit_code(*cgroup, count_forks), 4);
  destroy(*cgroup);
}

TEST_F(CgroupE2e, MET6_UsageOfARunningContainer) {
  const auto cgroup = make("web", {.memory_max = 64 * kMiB, .cpu_quota = 50000});
  const Child child(cgroup->entry(), [] { return use_memory(8 * kMiB); });
  EXPECT_TRUE(run_until(loop_, [&] { return cgroup->usage().memory_usage >= 8 * kMiB; }));
  EXPECT_TRUE(run_until(loop_, [&] { return cgroup->usage().memory_rss > 4 * kMiB; }));
  const ContainerUsage usage = cgroup->usage();
  EXPECT_GT(usage.cpu_seconds, 0.0);
  EXPECT_GE(usage.cfs_periods, 0);
  EXPECT_GE(usage.cfs_throttled_periods, 0);
  EXPECT_GE(usage.cfs_throttled_seconds, 0.0);
  EXPECT_GT(usage.memory_working_set, 4 * kMiB);
  EXPECT_GE(usage.memory_cache, 0);
  EXPECT_GE(usage.memory_failcnt, 0);
  EXPECT_EQ(usage.memory_limit, 64 * kMiB);
  EXPECT_EQ(usage.oom_kills, 0);
  EXPECT_EQ(usage.processes, 1);
  destroy(*cgroup);
}

TEST_F(CgroupE2e, KillAllReachesGrandchildrenInOtherSessions) {
  const auto cgroup = make("web", {});
  Child child(cgroup->entry(), [] {
    if (::fork() == 0) {
      ::setsid();
      ::signal(SIGTERM, SIG_IGN);
      ::fork();
    }
    return sleep_forever();
  });
  ASSERT_TRUE(run_until(loop_, [&] { return cgroup->usage().processes == 3; }));
  cgroup->kill_all();
  EXPECT_TRUE(run_until(loop_, [&] { return cgroup->empty(); }));
  EXPECT_EQ(WTERMSIG(child.wait()), SIGKILL);
  destroy(*cgroup);
}

TEST_F(CgroupE2e, KillAllIsFasterThanAForkStorm) {
  const auto cgroup = make("web", {.pids_max = 200});
  const Child child(cgroup->entry(), storm);
  ASSERT_TRUE(run_until(loop_, [&] { return cgroup->usage().processes.value_or(0) > 50; }));
  cgroup->kill_all();
  EXPECT_TRUE(run_until(loop_, [&] { return cgroup->empty(); }));
  destroy(*cgroup);
}

// cgroup.kill marks a cgroup, so that later children of clone3 die in it at once.
TEST_F(CgroupE2e, AfterKillAllItCanBeMadeAndUsedAgain) {
  auto cgroup = make("web", {});
  cgroup->kill_all();
  cgroup = make("web", {});
  EXPECT_EQ(exit_code(*cgroup, count_forks), 50);  // pids.max is back, too
  destroy(*cgroup);
}

TEST_F(CgroupE2e, RemovalIsBusyWhileSomethingLives) {
  const auto cgroup = make("web", {});
  const Child child(cgroup->entry(), sleep_forever);
  ASSERT_TRUE(run_until(loop_, [&] { return !cgroup->empty(); }));
  const auto removed = cgroup->remove();
  ASSERT_FALSE(removed);
  EXPECT_EQ(removed.error().error_number, EBUSY);
  EXPECT_EQ(tree_->remove_pod("u1").error().error_number, EBUSY);
  const auto kept = remove_cgroup_tree(parent_);  // a pod is left: nothing happens
  EXPECT_TRUE(kept) << kept.error().message;
  destroy(*cgroup);
  EXPECT_FALSE(std::filesystem::exists(path("memory", "web")));
  EXPECT_TRUE(cgroup->remove());  // gone already
}

TEST_F(CgroupE2e, CgroupsThatAContainerMadeAreKilledAndRemovedWithIt) {
  const auto cgroup = make("web", {});
  const std::string nested = path("memory", "web") + "/a/b";
  std::filesystem::create_directories(nested);
  const Child child(cgroup->entry(), [&] {
    const std::string procs = nested + "/cgroup.procs";
    return ::truncate(procs.c_str(), 0) == 0 && std::freopen(procs.c_str(), "w", stdout) &&
                   std::fputs("0", stdout) >= 0 && std::fflush(stdout) == 0
               ? sleep_forever()
               : 98;
  });
  ASSERT_TRUE(run_until(loop_, [&] { return !text_of(nested + "/cgroup.procs").empty(); }));
  EXPECT_FALSE(cgroup->empty());
  destroy(*cgroup);
}

TEST_F(CgroupE2e, ARefusedLimitLeavesNothingBehind) {
  const auto refused = tree_->make("u1", "web", {.memory_max = -7});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().error_number, EINVAL);
  EXPECT_NE(refused.error().message.find("cgroup of container web of pod u1: write -7 to " +
                                         path("memory", "web") + "/memory."),
            std::string::npos)
      << refused.error().message;
  EXPECT_FALSE(std::filesystem::exists(path("memory", "web")));
}

TEST_F(CgroupE2e, NamesThatLeadElsewhereAreRefused) {
  for (const char* name : {"", ".", "..", "../x", "a/b"}) {
    EXPECT_FALSE(tree_->make("u1", name, {})) << name;
    EXPECT_FALSE(open_cgroup_tree(name)) << name;
    EXPECT_FALSE(remove_cgroup_tree(name)) << name;
  }
  EXPECT_FALSE(tree_->make("u/1", "web", {}));
  EXPECT_FALSE(tree_->remove_pod("../x"));
}

TEST(CgroupPlacement, WithoutCgroupsTheErrorSaysWhatToDo) {
  const auto tree = open_cgroup_tree("podvisor", "/nowhere");
  ASSERT_FALSE(tree);
  EXPECT_EQ(tree.error().message,
            "no cgroup hierarchy with this process in it is mounted at /nowhere: mount cgroup2 "
            "there, or do without with --cgroups=none");
}

TEST_F(CgroupE2e, WhatLivesInItIsFoundAgainAsItIs) {
  const auto cgroup = make("web", {.memory_max = 64 * kMiB});
  const Child child(cgroup->entry(), sleep_forever);
  const auto found = tree_->open("u1", "web");
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ((*found)->usage().memory_limit, 64 * kMiB);
  EXPECT_TRUE(run_until(loop_, [&] { return !(*found)->empty(); }));
  EXPECT_EQ(tree_->pods(), std::vector<PodUid>{"u1"});
  destroy(**found);
  EXPECT_EQ(tree_->open("u1", "web").error().error_number, ENOENT);
}

TEST_F(CgroupE2e, APodIsClearedWithAllThatLivesInIt) {
  const auto web = make("web", {});
  const auto sidecar = make("sidecar", {});
  const Child one(web->entry(), sleep_forever);
  const Child other(sidecar->entry(), sleep_forever);
  Status cleared;
  EXPECT_TRUE(run_until(loop_, [&] {
    cleared = tree_->clear_pod("u1");
    return cleared.has_value();
  })) << cleared.error().message;
  EXPECT_TRUE(tree_->pods().empty());
  EXPECT_TRUE(tree_->clear_pod("u1").has_value()) << "nothing to clear is cleared";
}

}  // namespace
}  // namespace podvisor
