// What the API says: RDY, CND, PHS, CST, RES-5, and the probes' part in it.
#include <gtest/gtest.h>

#include "core/pod_driver.h"

namespace podvisor {
namespace {

using Condition = std::pair<std::string, std::string>;

TEST(PodStatus, CND1_ConditionsInKubernetesOrder) {
  PodDriver pod(make_pod({make_container("a")}));
  std::vector<std::string> types;
  for (const PodCondition& condition : pod.status().conditions) types.push_back(condition.type);
  EXPECT_EQ(types, (std::vector<std::string>{"PodReadyToStartContainers", "Initialized", "Ready",
                                             "ContainersReady", "PodScheduled"}));
}

TEST(PodStatus, RDY4_WithoutAReadinessProbeAStartedContainerIsReady) {
  PodDriver pod(make_pod({make_container("a")}));
  pod.up();
  EXPECT_FALSE(is_ready(pod.status()));
  pod.started(0);
  EXPECT_TRUE(is_ready(pod.status()));
  EXPECT_TRUE(pod.status().container_statuses[0].started);
}

TEST(PodStatus, RDY1_RDY2_StartedNeedsTheStartupProbeReadyTheReadinessProbe) {
  Container a = make_container("a");
  a.startup_probe = make_probe(1);
  a.readiness_probe = make_probe(1);
  PodDriver pod(make_pod({a}));
  pod.up();
  pod.started(0);
  EXPECT_FALSE(pod.status().container_statuses[0].started);
  const auto opened = pod.answer(0, ProbeKind::Startup, Verdict::Success);
  EXPECT_TRUE(pod.status().container_statuses[0].started);
  ASSERT_EQ(only<pod_action::StartAttempt>(opened).size(), 1u);  // PRB-5: right after it started
  EXPECT_EQ(only<pod_action::StartAttempt>(opened)[0].kind, ProbeKind::Readiness);
  EXPECT_FALSE(is_ready(pod.status()));
  pod.answer(0, ProbeKind::Readiness, Verdict::Success);
  EXPECT_TRUE(is_ready(pod.status()));
}

TEST(PodStatus, PRB14_UntilStartedOnlyTheStartupProbeRuns) {
  Container a = make_container("a");
  a.startup_probe = make_probe(1);
  a.readiness_probe = make_probe(1);
  a.liveness_probe = make_probe(1);
  PodDriver pod(make_pod({a}));
  pod.up();
  const auto begun = only<pod_action::StartAttempt>(pod.started(0));
  ASSERT_EQ(begun.size(), 1u);
  EXPECT_EQ(begun[0].kind, ProbeKind::Startup);
  EXPECT_TRUE(only<pod_action::StartAttempt>(pod.advance(5s)).empty());
  pod.answer(0, ProbeKind::Startup, Verdict::Success);
  pod.advance(1s);
  EXPECT_EQ(pod.probe(0, ProbeKind::Liveness).phase, ProbeState::Phase::InFlight);
}

TEST(PodStatus, PRB15_AnotherContainersStartupProbeDoesNotDelay) {
  Container slow = make_container("slow");
  slow.startup_probe = make_probe(1);
  Container quick = make_container("quick");
  quick.readiness_probe = make_probe(1);
  PodDriver pod(make_pod({slow, quick}));
  pod.up();
  pod.started(0);
  EXPECT_EQ(only<pod_action::StartAttempt>(pod.started(1)).size(), 1u);
}

TEST(PodStatus, PRB5_AStatusChangeProbesNotReadyContainersAgainAtOnce) {
  Container a = make_container("a");
  a.readiness_probe = make_probe(10);
  PodDriver pod(make_pod({a, make_container("b")}));
  pod.up();
  pod.started(0);
  pod.answer(0, ProbeKind::Readiness, Verdict::Failure);
  EXPECT_EQ(only<pod_action::StartAttempt>(pod.started(1)).size(), 1u);
}

TEST(PodStatus, PRB24_AReadinessFailureNeverKills) {
  Container a = make_container("a");
  a.readiness_probe = make_probe(1, 1);
  PodDriver pod(make_pod({a}));
  pod.up();
  pod.started(0);
  pod.answer(0, ProbeKind::Readiness, Verdict::Success);
  pod.advance(1s);
  const auto failed = pod.answer(0, ProbeKind::Readiness, Verdict::Failure, "503");
  EXPECT_TRUE(only<pod_action::SignalContainer>(failed).empty());
  EXPECT_TRUE(has_event(failed, "Unhealthy", "Readiness probe failed: 503"));
  EXPECT_FALSE(is_ready(pod.status()));
}

TEST(PodStatus, EVT11_EVT12_EVT14_EachVerdictHasItsEvent) {
  Container a = make_container("a");
  a.liveness_probe = make_probe(1);
  PodDriver pod(make_pod({a}));
  pod.up();
  pod.started(0);
  EXPECT_TRUE(has_event(pod.answer(0, ProbeKind::Liveness, Verdict::Warning, "moved"),
                        "ProbeWarning", "Liveness probe warning: moved"));
  pod.advance(1s);
  for (int i = 0; i < 2; ++i) pod.answer(0, ProbeKind::Liveness, Verdict::Error, "no port");
  EXPECT_TRUE(has_event(pod.answer(0, ProbeKind::Liveness, Verdict::Error, "no port"), "Unhealthy",
                        "Liveness probe errored and resulted in unknown state: no port"));
}

TEST(PodStatus, PRB17_MET1_ADiscardedAttemptIsNotCounted) {
  Container a = make_container("a");
  a.liveness_probe = make_probe(1);
  PodDriver pod(make_pod({a}));
  pod.up();
  pod.started(0);
  for (int i = 0; i < 3; ++i) pod.answer(0, ProbeKind::Liveness, Verdict::Error);
  EXPECT_TRUE(only<pod_action::CountVerdict>(pod.actions()).empty());
  pod.advance(1s);
  pod.answer(0, ProbeKind::Liveness, Verdict::Success);
  EXPECT_EQ(only<pod_action::CountVerdict>(pod.actions()).size(), 1u);
}

TEST(PodStatus, ASteadyProbeChangesNothing) {
  Container a = make_container("a");
  a.liveness_probe = make_probe(1);
  PodDriver pod(make_pod({a}));
  pod.up();
  pod.started(0);
  pod.answer(0, ProbeKind::Liveness, Verdict::Success);
  EXPECT_FALSE(pod.status_changed());
  EXPECT_EQ(pod.advance(1s).size(), 1u);
  EXPECT_FALSE(pod.status_changed());
}

TEST(PodStatus, CND3_UnreadyMessagesNameSidecarsFirst) {
  PodDriver pod(make_pod(
      {make_container("proxy", ContainerRole::Sidecar), make_container("b"), make_container("a")}));
  pod.admit();
  EXPECT_EQ(pod.condition("Ready").reason, "ContainersNotReady");
  EXPECT_EQ(pod.condition("Ready").message, "containers with unready status: [proxy b a]");
}

TEST(PodStatus, CST4_RegularStatusesAreSortedByName) {
  PodDriver pod(make_pod({make_container("b"), make_container("a")}));
  pod.admit();
  EXPECT_EQ(pod.status().container_statuses[0].name, "a");
}

TEST(PodStatus, CND4_InitializedNeverGoesBack) {
  PodDriver pod(make_pod({make_container("proxy", ContainerRole::Sidecar), make_container("a")}));
  pod.up();
  EXPECT_FALSE(pod.condition("Initialized").status);
  pod.started(0);
  EXPECT_TRUE(pod.condition("Initialized").status);
  pod.exited(0, 1);
  EXPECT_TRUE(pod.condition("Initialized").status);
}

TEST(PodStatus, CND7_TransitionTimesMoveOnlyWithTheStatus) {
  PodDriver pod(make_pod({make_container("a"), make_container("b")}));
  pod.up();
  const WallTime created = pod.condition("Ready").last_transition_time;
  pod.advance(5s);
  pod.started(0);  // another message, still False
  EXPECT_EQ(pod.condition("Ready").last_transition_time, created);
  pod.advance(5s);
  pod.started(1);
  EXPECT_EQ(pod.condition("Ready").last_transition_time, pod.now().wall);
}

TEST(PodStatus, CND9_ReadyAndContainersReadyMoveTogether) {
  PodDriver pod(make_pod({make_container("a")}));
  pod.up();
  pod.started(0);
  EXPECT_TRUE(pod.condition("ContainersReady").status);
  EXPECT_TRUE(pod.condition("Ready").status);
}

TEST(PodStatus, CND2_ATerminalPodIsNotReadyAndSaysWhy) {
  for (const int code : {0, 1}) {
    Pod manifest = make_pod({make_container("job")});
    manifest.spec.restart_policy = RestartPolicy::Never;
    PodDriver pod(manifest);
    pod.up();
    pod.started(0);
    pod.exited(0, code);
    EXPECT_EQ(pod.condition("Ready").reason, code == 0 ? "PodCompleted" : "PodFailed");
    EXPECT_EQ(pod.condition("Ready").message, "");
    EXPECT_EQ(pod.condition("Initialized").reason, code == 0 ? "PodCompleted" : "");
  }
}

TEST(PodStatus, CST1_WaitingReasonsBeforeTheFirstStart) {
  PodDriver plain(make_pod({make_container("a")}));
  PodDriver with_init(make_pod({make_container("i", ContainerRole::Init), make_container("a")}));
  const auto reason = [](PodDriver& pod) {
    pod.admit();
    return std::get<ContainerStateWaiting>(pod.status().container_statuses[0].state).reason;
  };
  EXPECT_EQ(reason(plain), "ContainerCreating");
  EXPECT_EQ(reason(with_init), "PodInitializing");
}

TEST(PodStatus, PHS1_PHS5_PhaseFollowsTheContainers) {
  PodDriver pod(make_pod({make_container("i", ContainerRole::Init), make_container("a")}));
  EXPECT_EQ(pod.status().phase, PodPhase::Pending);
  pod.up();
  pod.started(0);
  EXPECT_EQ(pod.status().phase, PodPhase::Pending);
  pod.exited(0, 0);
  EXPECT_EQ(pod.status().phase, PodPhase::Pending);
  pod.started(1);
  EXPECT_EQ(pod.status().phase, PodPhase::Running);
  pod.send(pod_event::SandboxDied{0});
  pod.sandbox_removed();
  pod.sandbox_ready();
  EXPECT_EQ(pod.status().phase, PodPhase::Pending);
}

TEST(PodStatus, PHS1_ARegularContainerThatNeverRanKeepsThePodPending) {
  PodDriver pod(make_pod({make_container("a"), make_container("b")}));
  pod.up();
  pod.started(0);
  EXPECT_EQ(pod.status().phase, PodPhase::Pending);
}

TEST(PodStatus, RES5_QosClass) {
  const auto qos = [](std::optional<std::int64_t> cpu_limit, std::optional<std::int64_t> memory,
                      std::optional<std::int64_t> cpu_request) {
    Container a = make_container("a");
    a.resources = {.memory_limit = memory,
                   .memory_request = memory,
                   .cpu_limit = cpu_limit,
                   .cpu_request = cpu_request};
    return PodDriver(make_pod({a})).status().qos_class;
  };
  EXPECT_EQ(qos({}, {}, {}), "BestEffort");
  EXPECT_EQ(qos(0, 0, 0), "BestEffort");
  EXPECT_EQ(qos(100, 1 << 20, 100), "Guaranteed");
  EXPECT_EQ(qos(100, 1 << 20, 50), "Burstable");
  EXPECT_EQ(qos(100, {}, 100), "Burstable");
}

TEST(PodStatus, WhatIsOnlyNotedBecomesAnEventAndChangesNothing) {
  PodDriver driver(make_pod({make_container("main")}));
  driver.send(pod_event::Admitted{});
  const PodStatus before = driver.state().status;
  const auto actions = driver.send(pod_event::Noted{true, "DNSConfigForming", "too many", {}});
  ASSERT_EQ(actions.size(), 1U);
  const auto& event = std::get<pod_action::EmitEvent>(actions[0]);
  EXPECT_TRUE(event.warning);
  EXPECT_EQ(event.reason, "DNSConfigForming");
  EXPECT_EQ(event.message, "too many");
  EXPECT_FALSE(event.container.has_value());
  EXPECT_FALSE(driver.status_changed());
}

}  // namespace
}  // namespace podvisor
