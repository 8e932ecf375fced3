// Termination: TRM, RST-1, PRB-12.
#include <gtest/gtest.h>

#include "core/pod_driver.h"

namespace podvisor {
namespace {

using Stage = PodState::Stage;

std::vector<ContainerIndex> terms(const std::vector<PodAction>& actions) {
  std::vector<ContainerIndex> found;
  for (const auto& signal : only<pod_action::SignalContainer>(actions)) {
    EXPECT_EQ(signal.signal, 15);
    found.push_back(signal.ref.container);
  }
  return found;
}

TEST(PodStop, TRM3_TRM5_TRM8_AllRegularContainersGetTermAtOnceAndKillAfterTheGrace) {
  PodDriver pod(make_pod({make_container("a"), make_container("b")}));
  pod.up();
  pod.all_started();
  const auto stop = pod.send(pod_event::DeletionRequested{30s});
  EXPECT_EQ(terms(stop), (Indices{0, 1}));
  EXPECT_TRUE(has_event(stop, "Killing", "Stopping container a"));
  EXPECT_EQ(kills(pod.advance(29s)), Indices{});
  EXPECT_EQ(kills(pod.advance(1s)), (Indices{0, 1}));
}

TEST(PodStop, EVT18_WhatOutlivesSigkillIsToldAndKilledAgain) {
  PodDriver pod(make_pod({make_container("a"), make_container("b")}));
  pod.up();
  pod.all_started();
  pod.send(pod_event::DeletionRequested{30s});
  pod.advance(30s);
  pod.send(pod_event::DeletionRequested{1s});  // changes nothing any more
  pod.exited(1, 137);
  EXPECT_EQ(kills(pod.advance(9999ms)), Indices{});
  const auto again = pod.advance(1ms);
  EXPECT_EQ(kills(again), Indices{0});
  EXPECT_TRUE(has_event(again, "FailedKillPod",
                        "error killing pod: container a has not ended 10 s after SIGKILL: a "
                        "process of it waits in the kernel (state D)"));
  EXPECT_EQ(kills(pod.advance(10s)), Indices{0});
  EXPECT_EQ(only<pod_action::RemoveSandbox>(pod.exited(0, 137)).size(), 1u);
  EXPECT_TRUE(pod.advance(1h).empty());
}

TEST(PodStop, TRM7_TRM14_TheEndIsContainersThenSandboxThenForgotten) {
  PodDriver pod(make_pod({make_container("a"), make_container("b")}));
  pod.up();
  pod.all_started();
  pod.send(pod_event::DeletionRequested{30s});
  EXPECT_TRUE(only<pod_action::RemoveSandbox>(pod.exited(0, 0)).empty());
  EXPECT_EQ(only<pod_action::RemoveSandbox>(pod.exited(1, 143)).size(), 1u);
  EXPECT_EQ(pod.status().phase, PodPhase::Failed);  // PHS-1 step 5
  EXPECT_EQ(only<pod_action::ForgetPod>(pod.sandbox_removed()).size(), 1u);
  EXPECT_TRUE(pod.send(pod_event::Tick{}).empty());
}

TEST(PodStop, RST1_TRM15_NothingRestartsOnceTerminationBegan) {
  PodDriver pod(make_pod({make_container("a"), make_container("b")}));
  pod.up();
  pod.all_started();
  pod.send(pod_event::DeletionRequested{30s});
  EXPECT_EQ(starts(pod.exited(0, 1)), Indices{});
  EXPECT_EQ(starts(pod.advance(1h)), Indices{});
}

TEST(PodStop, TRM3_TheMinimumOfTwoSecondsAlwaysHolds) {
  PodDriver pod(make_pod({make_container("a")}));
  pod.up();
  pod.all_started();
  pod.send(pod_event::DeletionRequested{0s});  // TRM-1: becomes 1
  EXPECT_EQ(kills(pod.advance(1999ms)), Indices{});
  EXPECT_EQ(kills(pod.advance(1ms)), Indices{0});
}

TEST(PodStop, TRM1_ALaterRequestCanOnlyShorten) {
  PodDriver pod(make_pod({make_container("a")}));
  pod.up();
  pod.all_started();
  pod.send(pod_event::DeletionRequested{30s});
  pod.send(pod_event::DeletionRequested{60s});
  pod.send(pod_event::DeletionRequested{5s});
  EXPECT_EQ(kills(pod.advance(5s)), Indices{0});
}

TEST(PodStop, TRM9_SidecarsWaitForTheRegularOnesThenStopInReverseOrder) {
  PodDriver pod(make_pod({make_container("s0", ContainerRole::Sidecar),
                          make_container("s1", ContainerRole::Sidecar), make_container("main")}));
  pod.up();
  pod.started(0);
  pod.started(1);
  pod.started(2);
  EXPECT_EQ(terms(pod.send(pod_event::DeletionRequested{30s})), Indices{2});
  EXPECT_EQ(terms(pod.exited(2, 0)), Indices{1});
  EXPECT_EQ(terms(pod.exited(1, 0)), Indices{0});
}

TEST(PodStop, TRM9_ASidecarWhoseTurnNeverComesIsTerminatedWhenTheGraceIsUsedUp) {
  PodDriver pod(make_pod({make_container("s0", ContainerRole::Sidecar), make_container("main")}));
  pod.up();
  pod.started(0);
  pod.started(1);
  pod.send(pod_event::DeletionRequested{10s});
  const auto used_up = pod.advance(10s);
  EXPECT_EQ(terms(used_up), Indices{0});
  EXPECT_EQ(kills(used_up), Indices{1});
  EXPECT_EQ(kills(pod.advance(2s)), Indices{0});
}

struct GraceRow {
  int pod_grace, liveness_grace, startup_grace;
  ProbeKind kind;
  int expected;
};

TEST(PodStop, TRM6_TheProbesOwnGraceWinsForItsKill) {
  for (const GraceRow& row :
       {GraceRow{60, 10, 20, ProbeKind::Liveness, 10}, GraceRow{60, 10, 20, ProbeKind::Startup, 20},
        GraceRow{30, 90, 0, ProbeKind::Liveness, 90},
        GraceRow{30, 90, 0, ProbeKind::Startup, 30}}) {
    Container a = make_container("a");
    a.liveness_probe = make_probe(1, 1);
    a.startup_probe = make_probe(1, 1);
    a.liveness_probe->termination_grace_period = Seconds{row.liveness_grace};
    if (row.startup_grace > 0)
      a.startup_probe->termination_grace_period = Seconds{row.startup_grace};
    Pod manifest = make_pod({a});
    manifest.spec.termination_grace_period = Seconds{row.pod_grace};
    PodDriver pod(manifest);
    pod.up();
    pod.started(0);
    if (row.kind == ProbeKind::Liveness) {
      pod.answer(0, ProbeKind::Startup, Verdict::Success);
      pod.advance(1s);
    }
    EXPECT_EQ(terms(pod.answer(0, row.kind, Verdict::Failure)), Indices{0}) << pod.log();
    EXPECT_EQ(kills(pod.advance(Seconds{row.expected} - 1ms)), Indices{}) << pod.log();
    EXPECT_EQ(kills(pod.advance(1ms)), Indices{0}) << pod.log();
  }
}

TEST(PodStop, TRM6_APodDeletionDuringALivenessKillShortensIt) {
  Container a = make_container("a");
  a.liveness_probe = make_probe(1, 1);
  Pod manifest = make_pod({a});
  PodDriver pod(manifest);
  pod.up();
  pod.started(0);
  pod.answer(0, ProbeKind::Liveness, Verdict::Failure);
  pod.send(pod_event::DeletionRequested{5s});
  EXPECT_EQ(kills(pod.advance(5s)), Indices{0});
}

TEST(PodStop, PRB12_TRM13_DuringTerminationLivenessCannotKillButReadinessGoesOn) {
  Container a = make_container("a");
  a.liveness_probe = make_probe(1, 1);
  a.readiness_probe = make_probe(1, 1);
  PodDriver pod(make_pod({a}));
  pod.up();
  pod.started(0);
  pod.answer(0, ProbeKind::Readiness, Verdict::Success);
  const auto stop = pod.send(pod_event::DeletionRequested{30s});
  EXPECT_EQ(only<pod_action::CancelAttempt>(stop).size(), 1u);  // liveness was in flight
  EXPECT_TRUE(is_ready(pod.status()));
  pod.advance(1s);
  pod.answer(0, ProbeKind::Readiness, Verdict::Failure);
  EXPECT_FALSE(is_ready(pod.status()));
}

TEST(PodStop, AContainerThatWasStillStartingIsStoppedOnceItHasStarted) {
  PodDriver pod(make_pod({make_container("a")}));
  pod.up();
  EXPECT_EQ(terms(pod.send(pod_event::DeletionRequested{30s})), Indices{});
  EXPECT_EQ(terms(pod.started(0)), Indices{0});
}

TEST(PodStop, AStartThatFailsDuringTerminationEndsThePod) {
  PodDriver pod(make_pod({make_container("a")}));
  pod.up();
  pod.send(pod_event::DeletionRequested{30s});
  EXPECT_EQ(only<pod_action::RemoveSandbox>(
                pod.send(pod_event::ContainerStartFailed{pod.ref(0), "CreateContainerError", "x"}))
                .size(),
            1u);
}

TEST(PodStop, DeletionBeforeAnythingExistsForgetsAtOnce) {
  PodDriver pod(make_pod({make_container("a")}));
  EXPECT_EQ(only<pod_action::ForgetPod>(pod.send(pod_event::DeletionRequested{30s})).size(), 1u);
}

TEST(PodStop, DeletionWhileTheSandboxIsBeingMadeRemovesIt) {
  PodDriver pod(make_pod({make_container("a")}));
  pod.admit();
  EXPECT_EQ(only<pod_action::RemoveSandbox>(pod.send(pod_event::DeletionRequested{30s})).size(),
            1u);
  EXPECT_EQ(starts(pod.sandbox_ready()), Indices{});
  EXPECT_EQ(only<pod_action::ForgetPod>(pod.sandbox_removed()).size(), 1u);
}

TEST(PodStop, AFinishedPodIsForgottenWhenItIsDeleted) {
  Pod manifest = make_pod({make_container("job")});
  manifest.spec.restart_policy = RestartPolicy::Never;
  PodDriver pod(manifest);
  pod.up();
  pod.started(0);
  pod.exited(0, 0);
  pod.sandbox_removed();
  EXPECT_EQ(pod.status().phase, PodPhase::Succeeded);
  EXPECT_EQ(only<pod_action::ForgetPod>(pod.send(pod_event::DeletionRequested{30s})).size(), 1u);
}

TEST(PodStop, APauseThatDiesDuringTerminationEndsIt) {
  PodDriver pod(make_pod({make_container("a")}));
  pod.up();
  pod.started(0);
  pod.send(pod_event::DeletionRequested{30s});
  EXPECT_EQ(only<pod_action::RemoveSandbox>(pod.send(pod_event::SandboxDied{0})).size(), 1u);
  EXPECT_EQ(only<pod_action::ForgetPod>(pod.sandbox_removed()).size(), 1u);
}

}  // namespace
}  // namespace podvisor
