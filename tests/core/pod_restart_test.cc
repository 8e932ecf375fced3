// Whole-pod restarts: DIF-2 with Recreate, and SBX.
#include <gtest/gtest.h>

#include "core/pod_driver.h"

namespace podvisor {
namespace {

using Stage = PodState::Stage;

/// main (0) and php (1), both running, php with liveness and startup probes of threshold 1.
class Dif2 : public testing::Test {
 protected:
  Dif2() {
    Container php = make_container("php");
    php.liveness_probe = make_probe(1, 1);
    manifest_ = make_pod({make_container("nginx"), php});
    manifest_.spec.containers[1].resources.memory_limit = 64 << 20;
    manifest_.spec.policy.rollout.recreate = true;
  }
  PodDriver running() {
    PodDriver pod(manifest_);
    pod.up();
    pod.all_started();
    return pod;
  }
  /// From the trigger to the moment when the next sandbox is asked for (or waited for).
  static void finish_stop(PodDriver& pod) {
    for (ContainerIndex i = 0; i < 2; ++i)
      if (pod.container(i).alive()) pod.exited(i, 143);
    pod.sandbox_removed();
  }
  Pod manifest_;
};

TEST_F(Dif2, DIF2_1_ASidecarsOomStopsEverythingAndMakesANewSandbox) {
  PodDriver pod = running();
  const auto trigger = pod.exited(1, 137, true);
  EXPECT_EQ(pod.state().stage, Stage::Restarting);
  EXPECT_EQ(only<pod_action::SignalContainer>(trigger).size(), 1u);
  EXPECT_EQ(starts(trigger), Indices{});
  ASSERT_EQ(only<pod_action::CountPodRestart>(trigger).size(), 1u);
  EXPECT_TRUE(
      has_event(trigger, "OOMKilling", "Container php was OOM-killed (1 kill, memory limit 64Mi)"));
  EXPECT_TRUE(has_event(trigger, "SidecarFailed",
                        "Container php was OOM-killed; restarting the whole pod (Recreate)"));
  EXPECT_EQ(only<pod_action::RemoveSandbox>(pod.exited(0, 0)).size(), 1u);
  const auto again = only<pod_action::MakeSandbox>(pod.sandbox_removed());
  ASSERT_EQ(again.size(), 1u) << pod.log();
  EXPECT_EQ(again[0].attempt, 1);
  EXPECT_EQ(starts(pod.sandbox_ready()), (Indices{0, 1}));
}

TEST_F(Dif2, DIF2_5_ReadyIsFalseFromTheTriggerOn) {
  PodDriver pod = running();
  EXPECT_TRUE(is_ready(pod.status()));
  pod.exited(1, 137, true);
  EXPECT_FALSE(is_ready(pod.status()));
  EXPECT_EQ(pod.condition("Ready").message, "containers with unready status: [nginx php]");
}

TEST_F(Dif2, DIF2_9_TheTriggerKeepsItsOwnEndTheOthersSayWhy) {
  PodDriver pod = running();
  pod.exited(1, 137, true);
  pod.exited(0, 143);
  pod.sandbox_removed();
  pod.sandbox_ready();
  pod.all_started();
  const auto& nginx = pod.status().container_statuses[0];
  const auto& php = pod.status().container_statuses[1];
  EXPECT_EQ(php.last_state->reason, "OOMKilled");
  EXPECT_EQ(php.last_state->exit_code, 137);
  EXPECT_EQ(nginx.last_state->reason, "RestartingAllContainers");
  EXPECT_EQ(nginx.last_state->exit_code, 143);
  EXPECT_EQ(nginx.restart_count, 1);
  EXPECT_EQ(php.restart_count, 1);
}

TEST_F(Dif2, DIF2_10_TheConditionNamesContainerTriggerAndStrategy) {
  PodDriver pod = running();
  pod.exited(1, 137, true);
  const PodCondition during = pod.condition("AllContainersRestarting");
  EXPECT_TRUE(during.status);
  EXPECT_EQ(during.reason, "SidecarFailed");
  EXPECT_EQ(during.message, "container php, trigger oom, strategy Recreate");
  finish_stop(pod);
  EXPECT_TRUE(pod.condition("AllContainersRestarting").status);
  pod.sandbox_ready();
  EXPECT_FALSE(pod.condition("AllContainersRestarting").status);
}

TEST_F(Dif2, DIF2_1_ALivenessFailureOfASidecarRestartsThePod) {
  PodDriver pod = running();
  const auto trigger = pod.answer(1, ProbeKind::Liveness, Verdict::Failure, "refused");
  EXPECT_TRUE(has_event(trigger, "Unhealthy", "Liveness probe failed: refused"));
  EXPECT_TRUE(
      has_event(trigger, "Killing", "Container php failed liveness probe, will be restarted"));
  EXPECT_EQ(only<pod_action::SignalContainer>(trigger).size(), 2u);
  finish_stop(pod);
  pod.sandbox_ready();
  pod.all_started();
  EXPECT_EQ(pod.status().container_statuses[1].last_state->reason, "Error");
}

TEST_F(Dif2, DIF2_1_AStartupFailureOfASidecarRestartsThePod) {
  manifest_.spec.containers[1].startup_probe = make_probe(1, 1);
  PodDriver pod = running();
  const auto trigger = pod.answer(1, ProbeKind::Startup, Verdict::Failure);
  ASSERT_EQ(only<pod_action::CountPodRestart>(trigger).size(), 1u);
  EXPECT_EQ(only<pod_action::CountPodRestart>(trigger)[0].trigger, RestartTrigger::Startup);
}

TEST_F(Dif2, DIF2_1_TheMainContainersOwnFailureRestartsOnlyItself) {
  PodDriver pod = running();
  EXPECT_EQ(starts(pod.exited(0, 137, true)), Indices{0});
  EXPECT_EQ(pod.state().stage, Stage::Up);
}

TEST_F(Dif2, DIF2_1_DefaultContainerNamesAnotherMain) {
  manifest_.spec.policy.main_container = 1;
  PodDriver pod = running();
  EXPECT_EQ(starts(pod.exited(1, 137, true)), Indices{1});
  pod.started(1);
  pod.exited(0, 137, true);
  EXPECT_EQ(pod.state().stage, Stage::Restarting);
}

TEST_F(Dif2, DIF2_1_ScopeContainerIsUpstreamsBehaviour) {
  manifest_.spec.policy.restart_scope = RestartScope::Container;
  PodDriver pod = running();
  EXPECT_EQ(starts(pod.exited(1, 137, true)), Indices{1});
}

TEST_F(Dif2, OPN4_ScopeAllCountsTheMainContainersTriggersToo) {
  manifest_.spec.policy.restart_scope = RestartScope::All;
  PodDriver pod = running();
  pod.exited(0, 137, true);
  EXPECT_EQ(pod.state().stage, Stage::Restarting);
}

TEST_F(Dif2, DIF2_1_NoncriticalContainersNeverTriggerAndDoNotCountForReady) {
  manifest_.spec.policy.noncritical = {"php"};
  manifest_.spec.containers[1].readiness_probe = make_probe();
  PodDriver pod = running();
  EXPECT_TRUE(is_ready(pod.status()));  // although php is not ready
  EXPECT_EQ(starts(pod.exited(1, 137, true)), Indices{1});
  EXPECT_TRUE(is_ready(pod.status()));
}

TEST_F(Dif2, DIF2_2_AnyOtherExitRestartsThatContainerAlone) {
  for (const int code : {0, 1, 137}) {
    PodDriver pod = running();
    EXPECT_EQ(starts(pod.exited(1, code)), Indices{1}) << code;
    EXPECT_EQ(pod.state().stage, Stage::Up);
  }
}

TEST_F(Dif2, DIF2_2_PlainInitContainersNeverTrigger) {
  manifest_ = make_pod({make_container("setup", ContainerRole::Init), make_container("nginx")});
  PodDriver pod(manifest_);
  pod.up();
  pod.started(0);
  EXPECT_EQ(starts(pod.exited(0, 137, true)), Indices{0});
}

TEST_F(Dif2, DIF2_3_AChildsOomKillIsAnEventAndNoRestart) {
  PodDriver pod = running();
  const auto seen = pod.send(pod_event::ContainerOomKilled{pod.ref(1), 2});
  EXPECT_EQ(only<pod_action::EmitEvent>(seen).size(), 1u);
  EXPECT_EQ(pod.state().stage, Stage::Up);
}

TEST_F(Dif2, DIF2_7_RepeatedRestartsBackOffFromTheTrigger) {
  PodDriver pod = running();
  int expected[] = {0, 10, 20, 40};
  for (const int seconds : expected) {
    const TimePoint triggered = pod.now().monotonic;
    pod.exited(1, 137, true);
    finish_stop(pod);
    if (seconds > 0) {
      EXPECT_EQ(wake_at(manifest_, pod.state()), triggered + Seconds{seconds});
      const auto& php = pod.status().container_statuses[1].state;
      const auto& nginx = pod.status().container_statuses[0].state;
      EXPECT_EQ(std::get<ContainerStateWaiting>(php).reason, "CrashLoopBackOff");
      EXPECT_EQ(std::get<ContainerStateWaiting>(nginx).reason, "RestartingAllContainers");
      pod.advance_to_wake();
    }
    ASSERT_EQ(pod.state().stage, Stage::MakingSandbox) << seconds;
    pod.sandbox_ready();
    pod.all_started();
  }
}

TEST_F(Dif2, DIF2_8_OneIncidentIsOneRestart) {
  PodDriver pod = running();
  pod.answer(1, ProbeKind::Liveness, Verdict::Failure);
  const auto more = pod.exited(1, 137, true);
  EXPECT_TRUE(only<pod_action::CountPodRestart>(more).empty());
  EXPECT_EQ(pod.state().stage, Stage::Restarting);
}

TEST_F(Dif2, DIF2_12_FinishedWorkIsNotRepeated) {
  manifest_.spec.restart_policy = RestartPolicy::Never;
  PodDriver never = running();
  never.exited(1, 137, true);
  EXPECT_EQ(never.state().stage, Stage::Up);

  manifest_.spec.restart_policy = RestartPolicy::OnFailure;
  PodDriver on_failure = running();
  on_failure.exited(0, 0);
  EXPECT_EQ(starts(on_failure.exited(1, 137, true)), Indices{1});
}

TEST_F(Dif2, DIF2_12_OnFailureWithNothingFinishedRestartsThePod) {
  manifest_.spec.restart_policy = RestartPolicy::OnFailure;
  PodDriver pod = running();
  pod.exited(1, 137, true);
  EXPECT_EQ(pod.state().stage, Stage::Restarting);
}

TEST_F(Dif2, DIF2_13_DuringTerminationNothingTriggers) {
  PodDriver pod = running();
  pod.send(pod_event::DeletionRequested{30s});
  EXPECT_TRUE(only<pod_action::CountPodRestart>(pod.exited(1, 137, true)).empty());
  EXPECT_EQ(pod.state().stage, Stage::Terminating);
}

TEST_F(Dif2, DIF2_13_DuringInitialisationItRestartsFromTheFirstInitContainer) {
  Container proxy = make_container("proxy", ContainerRole::Sidecar);
  proxy.startup_probe = make_probe(1, 1);
  manifest_ =
      make_pod({make_container("setup", ContainerRole::Init), proxy, make_container("nginx")});
  PodDriver pod(manifest_);
  pod.up();
  pod.started(0);
  pod.exited(0, 0);
  pod.started(1);
  pod.answer(1, ProbeKind::Startup, Verdict::Failure);
  pod.exited(1, 143);
  pod.sandbox_removed();
  EXPECT_EQ(starts(pod.sandbox_ready()), Indices{0});
}

TEST_F(Dif2, DeletionDuringARestartEndsThePod) {
  PodDriver pod = running();
  pod.exited(1, 137, true);
  pod.send(pod_event::DeletionRequested{30s});
  pod.exited(0, 143);
  EXPECT_EQ(only<pod_action::ForgetPod>(pod.sandbox_removed()).size(), 1u);
}

TEST_F(Dif2, DeletionWhileARestartBacksOffForgetsAtOnce) {
  PodDriver pod = running();
  pod.exited(1, 137, true);
  finish_stop(pod);
  pod.sandbox_ready();
  pod.all_started();
  pod.exited(1, 137, true);
  finish_stop(pod);
  EXPECT_EQ(only<pod_action::ForgetPod>(pod.send(pod_event::DeletionRequested{30s})).size(), 1u);
}

// ---- SBX ----

TEST_F(Dif2, SBX2_ADeadPauseMakesANewSandboxAndStartsFromTheBeginning) {
  PodDriver pod = running();
  const auto died = pod.send(pod_event::SandboxDied{0});
  EXPECT_TRUE(
      has_event(died, "SandboxChanged", "Pod sandbox changed, it will be killed and re-created."));
  EXPECT_EQ(only<pod_action::RemoveSandbox>(died).size(), 1u) << pod.log();
  EXPECT_FALSE(is_ready(pod.status()));
  ASSERT_EQ(only<pod_action::MakeSandbox>(pod.sandbox_removed()).size(), 1u);
  EXPECT_EQ(starts(pod.sandbox_ready()), (Indices{0, 1}));
}

TEST_F(Dif2, SBX3_UnderNeverAPodWhosePauseDiedJustEnds) {
  manifest_.spec.restart_policy = RestartPolicy::Never;
  PodDriver pod = running();
  pod.send(pod_event::SandboxDied{0});
  EXPECT_TRUE(only<pod_action::MakeSandbox>(pod.sandbox_removed()).empty());
  EXPECT_EQ(pod.status().phase, PodPhase::Failed);
}

TEST_F(Dif2, SBX4_WhatHasSucceededUnderOnFailureIsNotRunAgain) {
  manifest_.spec.restart_policy = RestartPolicy::OnFailure;
  PodDriver pod = running();
  pod.exited(0, 0);
  pod.send(pod_event::SandboxDied{0});
  pod.sandbox_removed();
  EXPECT_EQ(starts(pod.sandbox_ready()), Indices{1});
}

TEST_F(Dif2, APauseThatDiesWithinARestartDoesNotTriggerAnother) {
  PodDriver pod = running();
  pod.exited(1, 137, true);
  EXPECT_EQ(only<pod_action::RemoveSandbox>(pod.send(pod_event::SandboxDied{0})).size(), 1u);
  EXPECT_EQ(only<pod_action::MakeSandbox>(pod.sandbox_removed()).size(), 1u);
}

}  // namespace
}  // namespace podvisor
