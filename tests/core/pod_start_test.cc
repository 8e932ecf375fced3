// Sandbox, start order and restarts: ORD, RST, BKO, SBX-5.
#include <gtest/gtest.h>

#include "core/pod_driver.h"

namespace podvisor {
namespace {

using Stage = PodState::Stage;

TEST(PodStart, ORD1_TheSandboxComesFirstThenTheContainers) {
  PodDriver pod(make_pod({make_container("a"), make_container("b")}));
  const auto first = pod.admit();
  ASSERT_EQ(only<pod_action::MakeSandbox>(first).size(), 1u);
  EXPECT_EQ(starts(first), Indices{});
  EXPECT_EQ(starts(pod.sandbox_ready()), (Indices{0, 1}));
  EXPECT_EQ(pod.status().pod_ip, "10.0.0.2");
}

TEST(PodStart, ASandboxThatCannotBeMadeIsTriedAgainAfterTenSeconds) {
  PodDriver pod(make_pod({make_container("a")}));
  pod.admit();
  const auto failed = pod.send(pod_event::SandboxFailed{0, "no free address"});
  EXPECT_TRUE(
      has_event(failed, "FailedCreatePodSandBox", "Failed to create pod sandbox: no free address"));
  EXPECT_TRUE(only<pod_action::MakeSandbox>(pod.advance(9999ms)).empty());
  const auto again = only<pod_action::MakeSandbox>(pod.advance(1ms));
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0].attempt, 1);
}

TEST(PodStart, VOL14_AVolumeThatCannotBeMadeSaysSoInItsOwnWordsAndIsTriedAgain) {
  PodDriver pod(make_pod({make_container("a")}));
  pod.admit();
  const std::string why = "MountVolume.SetUp failed for volume \"v\" : secret \"s\" not found";
  EXPECT_TRUE(
      has_event(pod.send(pod_event::SandboxFailed{0, why, "FailedMount"}), "FailedMount", why));
  EXPECT_EQ(pod.status().phase, PodPhase::Pending);
  EXPECT_EQ(only<pod_action::MakeSandbox>(pod.advance(10s)).size(), 1u);
}

TEST(PodStart, AnAnswerForAnEarlierSandboxIsDropped) {
  PodDriver pod(make_pod({make_container("a")}));
  pod.admit();
  pod.send(pod_event::SandboxFailed{0, ""});
  pod.advance(10s);
  EXPECT_TRUE(pod.send(pod_event::SandboxReady{0, "10.0.0.9"}).empty());
  EXPECT_EQ(pod.state().stage, Stage::MakingSandbox);
}

TEST(PodStart, ORD2_PlainInitContainersRunOneAfterAnotherToTheirEnd) {
  PodDriver pod(
      make_pod({make_container("i0", Init), make_container("i1", Init), make_container("main")}));
  EXPECT_EQ(starts(pod.up()), Indices{0});
  EXPECT_EQ(starts(pod.started(0)), Indices{});
  EXPECT_EQ(starts(pod.exited(0, 0)), Indices{1});
  pod.started(1);
  EXPECT_EQ(starts(pod.exited(1, 0)), Indices{2});
  EXPECT_TRUE(pod.condition("Initialized").status);
}

TEST(PodStart, ORD2_AFailedInitContainerIsRunAgainWithBackoff) {
  PodDriver pod(make_pod({make_container("i0", Init), make_container("main")}));
  pod.up();
  pod.started(0);
  EXPECT_EQ(starts(pod.exited(0, 1)), Indices{0});
  pod.started(0);
  EXPECT_EQ(starts(pod.exited(0, 1)), Indices{});
  EXPECT_EQ(starts(pod.advance(10s)), Indices{0});
}

TEST(PodStart, RES10_AnOomKilledInitContainerFailedWhateverItsExitCode) {
  PodDriver pod(make_pod({make_container("i0", Init), make_container("main")}));
  pod.up();
  pod.started(0);
  EXPECT_EQ(starts(pod.exited(0, 0, true)), Indices{0});
}

TEST(PodStart, ORD3_WhatFollowsASidecarWaitsUntilItIsStarted) {
  Container proxy = make_container("proxy", Sidecar);
  proxy.startup_probe = make_probe(1);
  PodDriver pod(make_pod({proxy, make_container("main")}));
  EXPECT_EQ(starts(pod.up()), Indices{0});
  EXPECT_EQ(starts(pod.started(0)), Indices{});
  EXPECT_FALSE(pod.condition("Initialized").status);
  EXPECT_EQ(pod.condition("Initialized").message, "containers with incomplete status: [proxy]");
  EXPECT_EQ(starts(pod.answer(0, ProbeKind::Startup, Verdict::Success)), Indices{1});
}

TEST(PodStart, ORD3_ASidecarsReadinessDoesNotGate) {
  Container proxy = make_container("proxy", Sidecar);
  proxy.readiness_probe = make_probe();
  PodDriver pod(make_pod({proxy, make_container("main")}));
  pod.up();
  EXPECT_EQ(starts(pod.started(0)), Indices{1});
}

TEST(PodStart, ORD7_AfterInitialisationADeadSidecarRestartsBesideTheOthers) {
  Container proxy = make_container("proxy", Sidecar);
  proxy.startup_probe = make_probe(1);
  PodDriver pod(make_pod({proxy, make_container("main")}));
  pod.up();
  pod.started(0);
  pod.answer(0, ProbeKind::Startup, Verdict::Success);
  pod.started(1);
  EXPECT_EQ(starts(pod.exited(0, 0)), Indices{0});  // RST-6: also after exit 0
  EXPECT_EQ(starts(pod.exited(1, 1)), Indices{1});  // not gated by the sidecar's startup probe
}

TEST(PodStart, ORD8_CompletedInitContainersAreNotRunAgain) {
  PodDriver pod(make_pod({make_container("i0", Init), make_container("main")}));
  pod.up();
  pod.started(0);
  pod.exited(0, 0);
  pod.started(1);
  EXPECT_EQ(starts(pod.exited(1, 1)), Indices{1});
}

struct RestartRow {
  RestartPolicy policy;
  int exit_code;
  bool restarts;
};

TEST(PodStart, RST3_WhatEachPolicyDoesWithAnExit) {
  for (const auto& [policy, code, restarts] : {
           RestartRow{RestartPolicy::Always, 0, true},
           {RestartPolicy::Always, 1, true},
           {RestartPolicy::OnFailure, 0, false},
           {RestartPolicy::OnFailure, 1, true},
           {RestartPolicy::Never, 0, false},
           {RestartPolicy::Never, 1, false},
       }) {
    Pod manifest = make_pod({make_container("a"), make_container("other")});
    manifest.spec.restart_policy = policy;
    PodDriver pod(manifest);
    pod.up();
    pod.all_started();
    EXPECT_EQ(starts(pod.exited(0, code)), restarts ? Indices{0} : Indices{}) << pod.log();
  }
}

TEST(PodStart, RST2_AContainersOwnPolicyOverridesThePods) {
  Pod manifest = make_pod({make_container("a"), make_container("other")});
  manifest.spec.containers[0].restart_policy = RestartPolicy::Never;
  PodDriver pod(manifest);
  pod.up();
  pod.all_started();
  EXPECT_EQ(starts(pod.exited(0, 1)), Indices{});
}

TEST(PodStart, RST7_WhenTheRegularContainersAreDoneThePodFinishes) {
  Pod manifest = make_pod({make_container("proxy", Sidecar), make_container("job")});
  manifest.spec.restart_policy = RestartPolicy::OnFailure;
  PodDriver pod(manifest);
  pod.up();
  pod.started(0);
  pod.started(1);
  const auto done = pod.exited(1, 0);
  ASSERT_EQ(only<pod_action::SignalContainer>(done).size(), 1u) << pod.log();
  EXPECT_EQ(pod.status().phase, PodPhase::Running);  // PHS-4: not before the sidecar has ended
  EXPECT_EQ(only<pod_action::RemoveSandbox>(pod.exited(0, 143)).size(), 1u);
  EXPECT_EQ(pod.status().phase, PodPhase::Succeeded);  // PHS-2
  pod.sandbox_removed();
  EXPECT_EQ(pod.state().stage, Stage::Ended);
  EXPECT_EQ(wake_at(Pod{}, pod.state()), std::nullopt);
}

TEST(PodStart, RST8_AFailedInitContainerUnderNeverFailsThePod) {
  Pod manifest = make_pod({make_container("i0", Init), make_container("main")});
  manifest.spec.restart_policy = RestartPolicy::Never;
  PodDriver pod(manifest);
  pod.up();
  pod.started(0);
  EXPECT_EQ(only<pod_action::RemoveSandbox>(pod.exited(0, 3)).size(), 1u);
  EXPECT_EQ(pod.status().phase, PodPhase::Failed);
}

TEST(PodStart, BKO6_ARefusedRestartWaitsInCrashLoopBackOff) {
  PodDriver pod(make_pod({make_container("php")}));
  pod.up();
  pod.started(0);
  pod.exited(0, 1);
  pod.started(0);
  const auto refused = pod.exited(0, 7);
  EXPECT_TRUE(has_event(refused, "BackOff",
                        "Back-off restarting failed container php in pod web_default(u1)"));
  const ContainerStatus& status = pod.status().container_statuses[0];
  const auto& waiting = std::get<ContainerStateWaiting>(status.state);
  EXPECT_EQ(waiting.reason, "CrashLoopBackOff");
  EXPECT_EQ(waiting.message, "back-off 10s restarting failed container=php pod=web_default(u1)");
  ASSERT_TRUE(status.last_state);
  EXPECT_EQ(status.last_state->exit_code, 7);
  EXPECT_EQ(pod.status().phase, PodPhase::Running);      // PHS-3
  EXPECT_EQ(starts(pod.advance_to_wake()), Indices{0});  // BKO-7: exactly at expiry
  pod.started(0);
  EXPECT_EQ(pod.status().container_statuses[0].restart_count, 2);
}

TEST(PodStart, CST2_WithoutBackoffTheStateGoesFromTerminatedToRunning) {
  PodDriver pod(make_pod({make_container("a")}));
  pod.up();
  pod.started(0);
  pod.exited(0, 1);  // restarts at once; not yet answered
  const auto& state = pod.status().container_statuses[0].state;
  EXPECT_EQ(std::get<ContainerStateTerminated>(state).reason, "Error");
  pod.started(0);
  EXPECT_TRUE(
      std::holds_alternative<ContainerStateRunning>(pod.status().container_statuses[0].state));
  EXPECT_EQ(pod.status().container_statuses[0].last_state->reason, "Error");
}

TEST(PodStart, AStartThatLacksSomethingSpendsNoInstanceAndIsTriedAgain) {
  PodDriver pod(make_pod({make_container("a")}));
  pod.up();
  const auto failed =
      pod.send(pod_event::ContainerStartFailed{pod.ref(0), "CreateContainerError", "disk is full"});
  EXPECT_TRUE(has_event(failed, "Failed", "Error: disk is full"));
  const auto& waiting = std::get<ContainerStateWaiting>(pod.status().container_statuses[0].state);
  EXPECT_EQ(waiting.reason, "CreateContainerError");
  EXPECT_EQ(starts(pod.advance(10s)), Indices{0});
  EXPECT_EQ(pod.ref(0).instance, 0);
}

TEST(PodStart, MSG6_AProcessThatCannotBeStartedIsAnExitWith128) {
  PodDriver pod(make_pod({make_container("a")}));
  pod.up();
  pod.send(pod_event::ContainerStartFailed{pod.ref(0), "StartError", "exec: no such file"});
  pod.started(0);  // RST: restarted at once, as after any exit
  const auto& last = pod.status().container_statuses[0].last_state;
  ASSERT_TRUE(last);
  EXPECT_EQ(last->exit_code, 128);
  EXPECT_EQ(last->reason, "StartError");
}

TEST(PodStart, PHS6_TheActiveDeadlineFailsThePod) {
  Pod manifest = make_pod({make_container("a")});
  manifest.spec.active_deadline = 60s;
  PodDriver pod(manifest);
  pod.up();
  pod.started(0);
  EXPECT_EQ(only<pod_action::SignalContainer>(pod.advance(60s)).size(), 1u);
  pod.exited(0, 0);
  EXPECT_EQ(pod.status().phase, PodPhase::Failed);
  EXPECT_EQ(pod.status().reason, "DeadlineExceeded");
  EXPECT_EQ(pod.status().message, "Pod was active on the node longer than the specified deadline");
}

TEST(PodStart, ORD10_WhatWaitsForAConfigMapIsTriedWhenItComes) {
  PodDriver pod(make_pod({make_container("app")}));
  pod.up();
  pod.send(pod_event::ContainerStartFailed{pod.ref(0), "CreateContainerConfigError",
                                           "configmap \"a\" not found"});
  EXPECT_TRUE(starts(pod.advance(1s)).empty());
  EXPECT_EQ(starts(pod.send(pod_event::ConfigChanged{})), Indices{0});
}

TEST(PodStart, ORD10_AVolumeThatWaitsForAConfigMapIsMadeWhenItComes) {
  PodDriver pod(make_pod({make_container("app")}));
  pod.admit();
  pod.send(
      pod_event::SandboxFailed{pod.state().sandbox_attempt, "configmap not found", "FailedMount"});
  pod.sandbox_removed();
  EXPECT_TRUE(only<pod_action::MakeSandbox>(pod.advance(1s)).empty());
  EXPECT_EQ(only<pod_action::MakeSandbox>(pod.send(pod_event::ConfigChanged{})).size(), 1u);
}

}  // namespace
}  // namespace podvisor
