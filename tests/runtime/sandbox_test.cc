#include <csignal>
#include <filesystem>
#include <variant>

#include "runtime_fixture.h"

namespace podvisor {
namespace {

class SandboxTest : public RuntimeFixture {
 protected:
  template <typename Event>
  [[nodiscard]] std::size_t position_of() const {
    std::size_t i = 0;
    while (i < events_.posted.size() && !std::holds_alternative<Event>(events_.posted[i].event))
      ++i;
    return i;
  }
};

TEST_F(SandboxTest, RemovalEndsEverythingAndLeavesNothing) {
  Pod pod = pod_with("trap '' TERM; sleep 1000 & wait");
  pod.spec.containers.push_back(container("sidecar", "sleep 1000"));
  make_sandbox(pod);
  const pid_t main = start(pod, {0, 0});
  const pid_t sidecar = start(pod, {1, 0});
  const pid_t pause = pause_of(main);
  remove_sandbox(pod);
  for (const pid_t pid : {main, sidecar, pause}) EXPECT_FALSE(is_alive(pid)) << pid;
  EXPECT_FALSE(std::filesystem::exists(directory_ + "/run/pods/" + pod.metadata.uid));
  EXPECT_EQ(events_.of<pod_event::ContainerExited>().size(), 2U);
  EXPECT_LT(position_of<pod_event::ContainerExited>(), position_of<pod_event::SandboxRemoved>());
  EXPECT_EQ(events_.of<pod_event::SandboxRemoved>().back().attempt, 1);
}

TEST_F(SandboxTest, RemovalOfWhatIsNotThereIsAnsweredToo) {
  runtime_->remove_sandbox("no-such-pod", 4);
  EXPECT_EQ(wait_for<pod_event::SandboxRemoved>().attempt, 4);
}

TEST_F(SandboxTest, RemovalOvertakesTheMaking) {
  const Pod pod = pod_with("sleep 1000");
  runtime_->make_sandbox(pod, 0);
  runtime_->remove_sandbox(pod.metadata.uid, 0);
  EXPECT_EQ(wait_for<pod_event::SandboxRemoved>().attempt, 0);
  EXPECT_TRUE(events_.of<pod_event::SandboxReady>().empty());
  EXPECT_FALSE(std::filesystem::exists(directory_ + "/run/pods/" + pod.metadata.uid));
}

TEST_F(SandboxTest, RemovalOvertakesAStart) {
  const Pod pod = pod_with("sleep 1000");
  make_sandbox(pod);
  runtime_->start_container(pod, {});
  remove_sandbox(pod);
  EXPECT_EQ(events_.of<pod_event::ContainerStarted>().size(), 1U);
  EXPECT_EQ(events_.of<pod_event::ContainerExited>().size(), 1U);
}

TEST_F(SandboxTest, SBX1_PausesDeathIsTheSandboxsAndTakesTheContainersAlong) {
  Pod pod = pod_with("sleep 1000 & setsid sleep 1000 & echo ready; wait");
  make_sandbox(pod);
  const pid_t main = start(pod);
  wait_for_log(pod, "ready");
  kill(pause_of(main), SIGKILL);
  EXPECT_EQ(wait_for<pod_event::SandboxDied>().attempt, 0);
  EXPECT_FALSE(is_alive(main));
  remove_sandbox(pod);
  EXPECT_TRUE(events_.of<pod_event::ContainerExited>().empty());
}

TEST_F(SandboxTest, PausesDeathAnswersExecs) {
  const Pod pod = pod_with("sleep 1000");
  make_sandbox(pod);
  const pid_t main = start(pod);
  std::optional<ExecOutcome> outcome;
  runtime_->exec(pod.metadata.uid, {}, {"sleep", "1000"}, std::chrono::seconds(20),
                 [&](ExecOutcome got) { outcome = std::move(got); });
  kill(pause_of(main), SIGKILL);
  run_until([&] { return outcome.has_value(); });
  EXPECT_TRUE(outcome->error.has_value());
  wait_for<pod_event::SandboxDied>();
}

TEST_F(SandboxTest, AfterARemovalThePodCanHaveAnother) {
  const Pod pod = pod_with("exit 0");
  run(pod);
  remove_sandbox(pod);
  events_.posted.clear();
  EXPECT_EQ(run(pod).exit_code, 0);
}

TEST_F(SandboxTest, ASecondSandboxForAPodIsRefused) {
  const Pod pod = pod_with("sleep 1000");
  make_sandbox(pod);
  runtime_->make_sandbox(pod, 1);
  EXPECT_EQ(wait_for<pod_event::SandboxFailed>().attempt, 1);
  EXPECT_GT(start(pod), 0);
}

TEST_F(SandboxTest, AMissingPauseSaysWhere) {
  runtime_ = std::make_unique<ProcessRuntime>(
      RuntimeSettings{{directory_ + "/run", directory_ + "/state"}, "/no/such/podvisor-pause"},
      loop_, events_, configs_, cgroups_.get(), &network_);
  runtime_->make_sandbox(pod_with(""), 0);
  EXPECT_EQ(wait_for<pod_event::SandboxFailed>().message,
            "cannot make the sandbox of pod default/web: cannot start /no/such/podvisor-pause: "
            "No such file or directory");
}

TEST_F(SandboxTest, ForgettingAPodRemovesItsFiles) {
  const Pod pod = pod_with("echo text");
  run(pod);
  ASSERT_FALSE(log_of(pod).empty());
  remove_sandbox(pod);
  runtime_->forget_pod(pod);
  loop_.run();
  EXPECT_FALSE(std::filesystem::exists(directory_ + "/state/pods/" + pod.metadata.uid));
  EXPECT_TRUE(std::filesystem::is_empty(directory_ + "/state/logs"));
}

TEST_F(SandboxTest, StartingWithoutASandboxIsAnswered) {
  runtime_->start_container(pod_with("exit 0"), {});
  EXPECT_EQ(wait_for<pod_event::ContainerStartFailed>().reason, "RunContainerError");
}

TEST_F(SandboxTest, DirectoriesAreForPodvisorAlone) {
  const Pod pod = pod_with("sleep 1000");
  make_sandbox(pod);
  using std::filesystem::perms;
  EXPECT_EQ(std::filesystem::status(directory_ + "/run/pods/" + pod.metadata.uid).permissions(),
            perms::owner_all);
}

}  // namespace
}  // namespace podvisor
