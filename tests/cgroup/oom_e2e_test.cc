// The kernel's OOM killer, seen from the loop.
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

#include "cgroup/cgroup_e2e.h"

namespace podvisor {
namespace {

const CgroupLimits kSmall = {.memory_max = 16 * kMiB};

int use_too_much() { return use_memory(64 * kMiB); }

TEST_F(CgroupE2e, RES9_MET9_AnOomKillIsCountedAndCalledBack) {
  const auto cgroup = make("web", kSmall);
  int calls = 0;
  const auto watched = cgroup->watch_oom(loop_, [&] { ++calls; });
  ASSERT_TRUE(watched) << watched.error().message;
  EXPECT_EQ(cgroup->oom_kills(), 0);
  Child child(cgroup->entry(), use_too_much);
  EXPECT_TRUE(run_until(loop_, [&] { return calls > 0; }));
  // With memory.oom.group some kernels count the one process twice.
  EXPECT_GE(cgroup->oom_kills(), 1);
  EXPECT_EQ(cgroup->usage().oom_kills, cgroup->oom_kills());
  EXPECT_EQ(WTERMSIG(child.wait()), SIGKILL);
  destroy(*cgroup);
}

TEST_F(CgroupE2e, DIF2_3_TheCountHasRisenWhenTheMainProcessIsGone) {
  const auto cgroup = make("web", kSmall);
  for (int kill = 0; kill < 5; ++kill) {
    const std::int64_t before = cgroup->oom_kills();
    Child(cgroup->entry(), use_too_much).wait();
    EXPECT_GT(cgroup->oom_kills(), before);
  }
  destroy(*cgroup);
}

TEST_F(CgroupE2e, RES9_EachOomKillIsCalledBack) {
  const auto cgroup = make("web", kSmall);
  int calls = 0;
  ASSERT_TRUE(cgroup->watch_oom(loop_, [&] { ++calls; }));
  for (int kills = 1; kills <= 5; ++kills) {
    Child(cgroup->entry(), use_too_much).wait();
    EXPECT_TRUE(run_until(loop_, [&] { return calls == kills; })) << kills;
  }
  destroy(*cgroup);
}

TEST_F(CgroupE2e, RES8_SigkillAloneIsNoOom) {
  const auto cgroup = make("web", kSmall);
  Child child(cgroup->entry(), sleep_forever);
  ::kill(child.pid(), SIGKILL);
  EXPECT_EQ(WTERMSIG(child.wait()), SIGKILL);
  EXPECT_EQ(cgroup->oom_kills(), 0);
  destroy(*cgroup);
}

// On v2 memory.oom.group takes the whole container (RES-4); v1 kills the one process and the rest
// lives on, which DIF-2.3 allows for.
TEST_F(CgroupE2e, RES4_RES7_OomKillOfAChild) {
  const auto cgroup = make("web", kSmall);
  bool called = false;
  ASSERT_TRUE(cgroup->watch_oom(loop_, [&] { called = true; }));
  Child main_process(cgroup->entry(), [] {
    const pid_t child = ::fork();
    if (child == 0) return use_too_much();
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFSIGNALED(status) ? 42 : 1;
  });
  const int status = main_process.wait();
  if (on_v2()) {
    EXPECT_TRUE(WIFSIGNALED(status));
    EXPECT_EQ(WTERMSIG(status), SIGKILL);
  } else {
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 42);
  }
  EXPECT_GE(cgroup->oom_kills(), 1);
  EXPECT_TRUE(run_until(loop_, [&] { return called; }));
  destroy(*cgroup);
}

TEST_F(CgroupE2e, ReclaimAtTheLimitIsNoOom) {
  const auto cgroup = make("web", kSmall);
  int calls = 0;
  ASSERT_TRUE(cgroup->watch_oom(loop_, [&] { ++calls; }));
  Child child(cgroup->entry(), [] {
    for (int i = 0; i < 64; ++i) {  // freed lazily: the kernel takes it back when it has to
      void* block =
          ::mmap(nullptr, kMiB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      std::memset(block, 1, kMiB);
      if (::madvise(block, kMiB, MADV_FREE) != 0) return 1;
    }
    return 0;
  });
  EXPECT_EQ(child.wait(), 0);
  if (on_v2())  // the limit was reached
    EXPECT_GT(cgroup->usage().memory_failcnt, 0);
  else  // failcnt stays 0 on recent kernels
    EXPECT_EQ(text_of(path("memory", "web") + "/memory.max_usage_in_bytes"), "16777216\n");
  EXPECT_EQ(cgroup->oom_kills(), 0);
  EXPECT_EQ(calls, 0);
  destroy(*cgroup);
}

TEST_F(CgroupE2e, AWatchEndsWithTheRemoval) {
  const auto cgroup = make("web", {});
  int calls = 0;
  ASSERT_TRUE(cgroup->watch_oom(loop_, [&] { ++calls; }));
  ASSERT_TRUE(cgroup->remove());
  loop_.run();  // returns: no handle is active any more
  EXPECT_EQ(calls, 0);
}

TEST_F(CgroupE2e, AWatchOfACgroupThatSomebodyElseRemovedFallsSilent) {
  const auto cgroup = make("web", {});
  int calls = 0;
  ASSERT_TRUE(cgroup->watch_oom(loop_, [&] { ++calls; }));
  ASSERT_EQ(::rmdir(path("memory", "web").c_str()), 0);
  loop_.run();  // returns: the watch has ended itself
  EXPECT_EQ(calls, 0);
  EXPECT_TRUE(cgroup->empty());
  EXPECT_EQ(cgroup->oom_kills(), 0);
  EXPECT_TRUE(cgroup->remove());
}

TEST_F(CgroupE2e, TheCallbackMayDestroyTheCgroup) {
  auto cgroup = make("web", kSmall);
  ASSERT_TRUE(cgroup->watch_oom(loop_, [&] { cgroup.reset(); }));
  Child(cgroup->entry(), use_too_much).wait();
  loop_.run();  // returns once the cgroup's handles are closed
  EXPECT_EQ(cgroup, nullptr);
  destroy(*make("web", {}));
}

}  // namespace
}  // namespace podvisor
