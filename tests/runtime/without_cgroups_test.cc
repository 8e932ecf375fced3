#include <csignal>
#include <fstream>

#include "runtime_fixture.h"

namespace podvisor {
namespace {

class WithoutCgroupsTest : public RuntimeFixture {
 protected:
  void SetUp() override {
    RuntimeFixture::SetUp();
    forgo_cgroups();
  }

  [[nodiscard]] std::vector<pid_t> pids() const {
    std::ifstream file(directory_ + "/pids");
    std::vector<pid_t> all;
    for (pid_t pid = 0; file >> pid;) all.push_back(pid);
    return all;
  }
};

TEST_F(WithoutCgroupsTest, TheSessionDiesWithTheMainProcess) {
  const std::string path = directory_ + "/pids";
  EXPECT_EQ(run(pod_with("sleep 1000 & echo $! >" + path + "; sh -c 'sleep 1000 & echo $! >>" +
                         path + "'; exit 6"))
                .exit_code,
            6);
  ASSERT_EQ(pids().size(), 2U);
  for (const pid_t pid : pids()) EXPECT_FALSE(is_alive(pid)) << pid;
}

TEST_F(WithoutCgroupsTest, KillTakesTheWholeTree) {
  const std::string path = directory_ + "/pids";
  const Pod pod =
      pod_with("trap '' TERM; setsid sh -c 'echo $$ >" + path + "; echo ready; sleep 1000' & wait");
  make_sandbox(pod);
  start(pod);
  wait_for_log(pod, "ready");
  runtime_->kill_container(pod.metadata.uid, {});
  EXPECT_EQ(exit_of().exit_code, 137);
  ASSERT_EQ(pids().size(), 1U);
  wait_until_gone(pids()[0]);
}

TEST_F(WithoutCgroupsTest, WhatLeftItsSessionDiesWithThePod) {
  const std::string path = directory_ + "/pids";
  const Pod pod = pod_with("sh -c 'setsid sh -c \"echo \\$\\$ >" + path +
                           "; exec sleep 1000\" &'; while [ ! -s " + path + " ]; do :; done");
  EXPECT_EQ(run(pod).exit_code, 0);
  ASSERT_EQ(pids().size(), 1U);
  remove_sandbox(pod);
  EXPECT_FALSE(is_alive(pids()[0]));
}

TEST_F(WithoutCgroupsTest, ExecsDieWithTheirContainer) {
  const Pod pod = pod_with("sleep 1000");
  make_sandbox(pod);
  const pid_t main = start(pod);
  std::optional<ExecOutcome> outcome;
  runtime_->exec(pod.metadata.uid, {}, {"sleep", "1000"}, std::chrono::seconds(20),
                 [&](ExecOutcome got) { outcome = std::move(got); });
  EXPECT_EQ(exec(pod, {"true"}).exit_code, 0);
  kill(main, SIGKILL);
  exit_of();
  run_until([&] { return outcome.has_value(); });
  EXPECT_EQ(outcome->exit_code, 137);
}

TEST_F(WithoutCgroupsTest, PausesDeathTakesTheContainersAlong) {
  const Pod pod = pod_with("sleep 1000 & echo ready; wait");
  make_sandbox(pod);
  const pid_t main = start(pod);
  wait_for_log(pod, "ready");
  kill(pause_of(main), SIGKILL);
  wait_for<pod_event::SandboxDied>();
  EXPECT_FALSE(is_alive(main));
}

TEST_F(WithoutCgroupsTest, UsageIsUnknown) {
  const Pod pod = pod_with("sleep 1000");
  make_sandbox(pod);
  start(pod);
  EXPECT_FALSE(runtime_->container_usage(pod.metadata.uid, 0).has_value());
}

}  // namespace
}  // namespace podvisor
