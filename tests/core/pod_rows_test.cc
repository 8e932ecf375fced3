// Rules that need a line or two: PRB, RDY, PHS, CST, ORD, RST, SBX, BKO, TRM.
#include <gtest/gtest.h>

#include "core/pod_driver.h"

namespace podvisor {
namespace {

using Stage = PodState::Stage;

Pod with_policy(RestartPolicy policy, std::vector<Container> containers) {
  Pod manifest = make_pod(std::move(containers));
  manifest.spec.restart_policy = policy;
  return manifest;
}

TEST(PodRows, RDY3_APlainInitContainerIsReadyOnceItHasSucceeded) {
  PodDriver pod(make_pod({make_container("i", Init), make_container("a")}));
  pod.up();
  pod.started(0);
  EXPECT_FALSE(pod.status().init_container_statuses[0].ready);
  pod.exited(0, 0);
  EXPECT_TRUE(pod.status().init_container_statuses[0].ready);
}

TEST(PodRows, PRB1_InitContainersHaveNoProbesAndOthersHaveTheirs) {
  Container i = make_container("i", Init);
  Container s = make_container("s", Sidecar);
  s.liveness_probe = make_probe(1);
  PodDriver pod(make_pod({i, s, make_container("a")}));
  pod.up();
  EXPECT_TRUE(only<pod_action::StartAttempt>(pod.started(0)).empty());
  pod.exited(0, 0);
  EXPECT_EQ(only<pod_action::StartAttempt>(pod.started(1)).size(), 1u);
}

TEST(PodRows, PRB7_NothingIsProbedInAPodThatIsOver) {
  Container a = make_container("a");
  a.readiness_probe = make_probe(1);
  PodDriver pod(with_policy(RestartPolicy::Never, {a}));
  pod.up();
  pod.started(0);
  EXPECT_EQ(only<pod_action::CancelAttempt>(pod.exited(0, 0)).size(), 1u);
  EXPECT_TRUE(only<pod_action::StartAttempt>(pod.advance(1h)).empty());
}

TEST(PodRows, PHS2_TRM12_ASidecarsExitCodeDoesNotCount) {
  PodDriver pod(
      with_policy(RestartPolicy::Never, {make_container("s", Sidecar), make_container("a")}));
  pod.up();
  pod.started(0);
  pod.started(1);
  const auto done = pod.exited(1, 0);
  EXPECT_EQ(only<pod_action::SignalContainer>(done).size(), 1u);  // RST-7, TRM-11
  pod.exited(0, 137);
  EXPECT_EQ(pod.status().phase, PodPhase::Succeeded);
}

TEST(PodRows, TRM11_SidecarsOfAFinishedPodHaveThePodsGrace) {
  Pod manifest =
      with_policy(RestartPolicy::Never, {make_container("s", Sidecar), make_container("a")});
  manifest.spec.termination_grace_period = 7s;
  PodDriver pod(manifest);
  pod.up();
  pod.started(0);
  pod.started(1);
  pod.exited(1, 0);
  EXPECT_TRUE(only<pod_action::KillContainer>(pod.advance(6999ms)).empty());
  EXPECT_EQ(only<pod_action::KillContainer>(pod.advance(1ms)).size(), 1u);
}

TEST(PodRows, PHS3_ACrashLoopLeavesThePodRunning) {
  PodDriver pod(make_pod({make_container("a")}));
  pod.up();
  for (int i = 0; i < 2; ++i) {
    pod.started(0);
    pod.exited(0, 1);
  }
  EXPECT_TRUE(
      std::holds_alternative<ContainerStateWaiting>(pod.status().container_statuses[0].state));
  EXPECT_EQ(pod.status().phase, PodPhase::Running);
}

TEST(PodRows, CST5_OnlyTheLatestTerminationIsKept) {
  PodDriver pod(make_pod({make_container("a")}));
  pod.up();
  for (const int code : {1, 2}) {
    pod.started(0);
    pod.exited(0, code);
    pod.advance(10s);
  }
  pod.started(0);
  EXPECT_EQ(pod.status().container_statuses[0].last_state->exit_code, 2);
}

TEST(PodRows, ORD4_ASidecarWhoseStartupFailsIsRestartedAloneUnderUpstreamsScope) {
  Container s = make_container("s", Sidecar);
  s.startup_probe = make_probe(1, 1);
  Pod manifest = make_pod({s, make_container("a")});
  manifest.spec.policy.restart_scope = RestartScope::Container;
  PodDriver pod(manifest);
  pod.up();
  pod.started(0);
  EXPECT_EQ(
      only<pod_action::SignalContainer>(pod.answer(0, ProbeKind::Startup, Verdict::Failure)).size(),
      1u);
  EXPECT_EQ(starts(pod.exited(0, 143)), Indices{0});
  pod.started(0);
  EXPECT_EQ(starts(pod.answer(0, ProbeKind::Startup, Verdict::Success)), Indices{1});
}

TEST(PodRows, ORD6_ORD10_AnInitContainerThatCannotStartHoldsUpTheRest) {
  PodDriver pod(make_pod({make_container("i", Init), make_container("a")}));
  pod.up();
  EXPECT_EQ(
      starts(pod.send(pod_event::ContainerStartFailed{pod.ref(0), "CreateContainerError", "no"})),
      Indices{});
  EXPECT_EQ(starts(pod.advance(9999ms)), Indices{});
  EXPECT_EQ(starts(pod.advance(1ms)), Indices{0});
}

TEST(PodRows, RST4_RST5_AProbesKillRestartsUnlessThePolicyIsNever) {
  struct Row {
    RestartPolicy policy;
    const char* message;
    bool restarts;
  };
  for (const Row& row : {
           Row{RestartPolicy::Always, "Container a failed liveness probe, will be restarted", true},
           Row{RestartPolicy::OnFailure, "Container a failed liveness probe, will be restarted",
               true},  // whatever the exit code
           Row{RestartPolicy::Never, "Container a failed liveness probe", false},
       }) {
    Container a = make_container("a");
    a.liveness_probe = make_probe(1, 1);
    PodDriver pod(with_policy(row.policy, {a, make_container("b")}));
    pod.up();
    pod.all_started();
    EXPECT_TRUE(
        has_event(pod.answer(0, ProbeKind::Liveness, Verdict::Failure), "Killing", row.message));
    EXPECT_EQ(starts(pod.exited(0, 0)), row.restarts ? Indices{0} : Indices{});
  }
}

TEST(PodRows, PRB23_OnlyAChangeIsPublished) {
  Container a = make_container("a");
  a.readiness_probe = make_probe(1, 1);
  PodDriver pod(make_pod({a}));
  pod.up();
  pod.started(0);
  pod.answer(0, ProbeKind::Readiness, Verdict::Success);
  EXPECT_TRUE(pod.status_changed());
  pod.advance(1s);
  pod.answer(0, ProbeKind::Readiness, Verdict::Success);
  EXPECT_FALSE(pod.status_changed());
}

TEST(PodRows, RST6_ASidecarRestartsOnEveryExitWhateverThePodsPolicy) {
  PodDriver pod(
      with_policy(RestartPolicy::Never, {make_container("s", Sidecar), make_container("a")}));
  pod.up();
  pod.started(0);
  pod.started(1);
  EXPECT_EQ(starts(pod.exited(0, 0)), Indices{0});
}

TEST(PodRows, RST10_ARestartOfOneRestartsNoOther) {
  PodDriver pod(make_pod({make_container("a"), make_container("b")}));
  pod.up();
  pod.all_started();
  const auto crashed = pod.exited(0, 1);
  EXPECT_EQ(starts(crashed), Indices{0});
  EXPECT_TRUE(only<pod_action::SignalContainer>(crashed).empty());
}

TEST(PodRows, SBX3_UnderNeverADeadSandboxEndsThePod) {
  PodDriver pod(with_policy(RestartPolicy::Never, {make_container("a")}));
  pod.up();
  pod.started(0);
  EXPECT_EQ(only<pod_action::RemoveSandbox>(pod.send(pod_event::SandboxDied{0})).size(), 1u);
  pod.sandbox_removed();
  EXPECT_EQ(pod.status().phase, PodPhase::Failed);
}

TEST(PodRows, SBX5_UnderNeverASandboxThatNothingRanInIsMadeAgain) {
  PodDriver pod(with_policy(RestartPolicy::Never, {make_container("a")}));
  pod.admit();
  pod.send(pod_event::SandboxFailed{0, "no"});
  EXPECT_EQ(only<pod_action::MakeSandbox>(pod.advance(10s)).size(), 1u);
}

TEST(PodRows, BKO5_ItAppliesToAnExitOfZeroAndToInitContainers) {
  for (const auto role : {Init, ContainerRole::Regular}) {
    const int code = role == Init ? 1 : 0;
    PodDriver pod(make_pod({make_container("x", role), make_container("a")}));
    pod.up();
    pod.started(0);
    EXPECT_EQ(starts(pod.exited(0, code)), Indices{0});
    pod.started(0);
    EXPECT_EQ(starts(pod.exited(0, code)), Indices{});
    EXPECT_EQ(starts(pod.advance(10s)), Indices{0});  // BKO-7: exactly then
  }
}

TEST(PodRows, BKO10_AProbesKillCountsFromItsOwnEnd) {
  Container a = make_container("a");
  a.liveness_probe = make_probe(1, 1);
  PodDriver pod(make_pod({a}));
  pod.up();
  for (int i = 0; i < 2; ++i) {
    pod.started(0);
    pod.answer(0, ProbeKind::Liveness, Verdict::Failure);
    pod.advance(3s);  // it takes its time to end
    EXPECT_EQ(starts(pod.exited(0, 0)).size(), i == 0 ? 1u : 0u);
  }
  EXPECT_EQ(starts(pod.advance(9999ms)), Indices{});
  EXPECT_EQ(starts(pod.advance(1ms)), Indices{0});
}

TEST(PodRows, TRM13_DuringTerminationReadinessMayStillTurnFalse) {
  Container a = make_container("a");
  a.readiness_probe = make_probe(1, 1);
  a.liveness_probe = make_probe(1, 1);
  PodDriver pod(make_pod({a}));
  pod.up();
  pod.started(0);
  pod.answer(0, ProbeKind::Readiness, Verdict::Success);
  pod.send(pod_event::DeletionRequested{30s});
  EXPECT_TRUE(is_ready(pod.status()));
  pod.advance(1s);
  pod.answer(0, ProbeKind::Readiness, Verdict::Failure);
  EXPECT_FALSE(is_ready(pod.status()));
}

TEST(PodRows, PHS5_ThePhaseIsPendingFromTheMomentThatInitContainersAreToRunAgain) {
  PodDriver pod(make_pod({make_container("i", Init), make_container("a")}));
  pod.up();
  pod.started(0);
  pod.exited(0, 0);
  pod.started(1);
  pod.send(pod_event::SandboxDied{0});
  EXPECT_EQ(pod.status().phase, PodPhase::Running);
  pod.sandbox_removed();
  EXPECT_EQ(pod.status().phase, PodPhase::Pending);
}

TEST(PodRows, BKO1_EveryContainerOfEveryPodHasASeriesOfItsOwn) {
  const Pod manifest = make_pod({make_container("a"), make_container("b")});
  PodDriver pod(manifest);
  pod.up();
  pod.all_started();
  EXPECT_EQ(starts(pod.exited(0, 1)), Indices{0});
  pod.started(0);
  EXPECT_EQ(starts(pod.exited(0, 1)), Indices{});
  EXPECT_EQ(starts(pod.exited(1, 1)), Indices{1});  // b's first crash
  PodDriver next(manifest);  // a pod that takes this one's place begins with nothing
  next.up();
  next.all_started();
  EXPECT_EQ(starts(next.exited(0, 1)), Indices{0});
}

TEST(PodRows, BKO7_BKO9_ARestartComesExactlyWhenTheDelayIsOver) {
  const Pod manifest = make_pod({make_container("a")});
  PodDriver pod(manifest);
  pod.up();
  pod.started(0);
  pod.exited(0, 1);
  pod.started(0);
  pod.exited(0, 1);
  EXPECT_EQ(starts(pod.advance(9999ms)), Indices{});
  EXPECT_EQ(wake_at(manifest, pod.state()), pod.now().monotonic + 1ms);
  EXPECT_EQ(starts(pod.advance(1ms)), Indices{0});
}

TEST(PodRows, ORD10_WhatCouldNotBeMadeIsTriedAgainAfterTenSecondsOrTheLongestWait) {
  for (const auto& [longest, wait] : {std::pair<Duration, Duration>{300s, 10s}, {2s, 2s}}) {
    Pod manifest = make_pod({make_container("a")});
    manifest.spec.policy.backoff.max = longest;
    PodDriver pod(manifest);
    pod.admit();
    pod.send(pod_event::SandboxFailed{pod.state().sandbox_attempt, "no bridge"});
    EXPECT_TRUE(only<pod_action::MakeSandbox>(pod.advance(wait - 1ms)).empty());
    EXPECT_EQ(only<pod_action::MakeSandbox>(pod.advance(1ms)).size(), 1u);
    pod.sandbox_ready();
    pod.send(pod_event::ContainerStartFailed{pod.ref(0), "RunContainerError", "no user"});
    EXPECT_EQ(starts(pod.advance(wait - 1ms)), Indices{});
    EXPECT_EQ(starts(pod.advance(1ms)), Indices{0});
  }
}

}  // namespace
}  // namespace podvisor
