#include "runtime_fixture.h"

namespace podvisor {
namespace {

using OomTest = RuntimeFixture;

constexpr std::int64_t kLimit = 24 << 20;
/// Reads a line without end into memory.
constexpr const char* kEatMemory = "tail /dev/zero";

Pod limited(Pod pod) {
  pod.spec.containers[0].resources.memory_limit = kLimit;
  return pod;
}

TEST_F(OomTest, RES8_AnOomKilledMainProcessIs137AndMarked) {
  const Pod pod = limited(pod_with(std::string("exec ") + kEatMemory));
  const auto exited = run(pod);
  EXPECT_EQ(exited.exit_code, 137);
  EXPECT_GT(exited.oom_kills, 0);
  EXPECT_TRUE(events_.of<pod_event::ContainerOomKilled>().empty());
}

TEST_F(OomTest, RES7_AnOomKillMarksTheRunWhateverItsExitCode) {
  if (on_v2()) GTEST_SKIP() << "memory.oom.group takes the whole container";
  const auto exited = run(limited(pod_with(std::string(kEatMemory) + "; exit 0")));
  EXPECT_EQ(exited.exit_code, 0);
  EXPECT_GT(exited.oom_kills, 0);
}

TEST_F(OomTest, DIF23_AChildsOomKillIsToldWhileTheMainProcessLives) {
  if (on_v2()) GTEST_SKIP() << "memory.oom.group takes the whole container";
  const Pod pod = limited(pod_with(std::string(kEatMemory) + "; sleep 1000"));
  make_sandbox(pod);
  start(pod);
  const auto killed = wait_for<pod_event::ContainerOomKilled>();
  EXPECT_EQ(killed.kills, 1);
  EXPECT_TRUE(events_.of<pod_event::ContainerExited>().empty());
}

TEST_F(OomTest, MET9_OomKillsAreCountedOverAllRuns) {
  const Pod pod = limited(pod_with("[ -e " + directory_ + "/second ] && exec sleep 1000; touch " +
                                   directory_ + "/second; exec " + kEatMemory));
  EXPECT_GT(run(pod).oom_kills, 0);
  start(pod, {0, 1});
  EXPECT_GE(runtime_->container_usage(pod.metadata.uid, 0)->oom_kills.value_or(0), 1);
  runtime_->kill_container(pod.metadata.uid, {0, 1});
  EXPECT_EQ(exit_of({0, 1}).oom_kills, 0) << "a new run starts with a clean slate";
}

}  // namespace
}  // namespace podvisor
