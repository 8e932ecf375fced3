// DIF-3: the gate closes before anything is stopped, and what is under way comes to its end first.
#include <gtest/gtest.h>

#include "core/pod_driver.h"

namespace podvisor {
namespace {

using pod_action::DrainTraffic;
using pod_action::SignalContainer;

Pod pod_with_sidecar() {
  Container main = make_container("web");
  main.lifecycle.pre_stop = ExecAction{{"/bin/true"}};
  Container log = make_container("log");
  log.liveness_probe = make_probe(1, 1);
  Pod pod = make_pod({main, log});
  pod.spec.policy.door.drain_timeout = 20s;
  pod.spec.policy.rollout.recreate = true;
  return pod;
}

PodDriver running(Pod pod) {
  PodDriver driver(std::move(pod));
  driver.let_drains_take_long();
  driver.up();
  driver.all_started();
  return driver;
}

std::size_t told_to_stop(const std::vector<PodAction>& actions) {
  return only<SignalContainer>(actions).size() + only<pod_action::RunHook>(actions).size();
}

TEST(PodDrain, DIF3_1_TheGateIsOpenWhileThePodIsReadyAndNothingOfItIsStopped) {
  PodDriver pod = running(pod_with_sidecar());
  EXPECT_TRUE(pod.status().traffic.open);
  EXPECT_EQ(pod.status().traffic.sandbox, 0);
  pod.exited(0, 1);  // the main container alone is restarted
  EXPECT_FALSE(pod.status().traffic.open);
  EXPECT_FALSE(pod.status().traffic.draining);
  pod.started(0);
  EXPECT_TRUE(pod.status().traffic.open);
}

TEST(PodDrain, DIF3_4_AReadinessProbeThatFailsAgainAndAgainClosesTheGateAndNotBefore) {
  Container web = make_container("web");
  web.readiness_probe = make_probe(1, 3);
  PodDriver pod(make_pod({web}));
  pod.up();
  pod.all_started();
  pod.advance(1s);
  pod.answer(0, ProbeKind::Readiness, Verdict::Success);
  ASSERT_TRUE(pod.status().traffic.open);
  for (const Verdict verdict :
       {Verdict::Failure, Verdict::Failure, Verdict::Success, Verdict::Failure, Verdict::Failure}) {
    pod.advance(1s);
    pod.answer(0, ProbeKind::Readiness, verdict);
    EXPECT_TRUE(pod.status().traffic.open);
  }
  pod.advance(1s);
  pod.answer(0, ProbeKind::Readiness, Verdict::Failure);
  EXPECT_FALSE(pod.status().traffic.open);
}

TEST(PodDrain, ROL3_DIF3_2_ADeletionDrainsBeforePreStopAndSignals) {
  PodDriver pod = running(pod_with_sidecar());
  const auto first = pod.send(pod_event::DeletionRequested{30s});
  ASSERT_EQ(only<DrainTraffic>(first).size(), 1u);
  EXPECT_EQ(only<DrainTraffic>(first)[0].timeout, 20s);
  EXPECT_EQ(told_to_stop(first), 0u);
  EXPECT_FALSE(pod.status().traffic.open);
  EXPECT_TRUE(pod.status().traffic.draining);
  EXPECT_EQ(told_to_stop(pod.advance(19s)), 0u);
  const auto then = pod.send(pod_event::TrafficDrained{0});
  EXPECT_EQ(only<pod_action::RunHook>(then).size(), 1u);
  EXPECT_EQ(only<SignalContainer>(then).size(), 1u);  // the sidecar that has no hook
}

TEST(PodDrain, DIF3_3_WhatItTakesIsNoPartOfTheGracePeriod) {
  PodDriver pod = running(make_pod({make_container("web")}));
  pod.send(pod_event::DeletionRequested{10s});
  pod.advance(25s);
  EXPECT_EQ(only<SignalContainer>(pod.send(pod_event::TrafficDrained{0})).size(), 1u);
  EXPECT_TRUE(only<pod_action::KillContainer>(pod.advance(9999ms)).empty());
  EXPECT_EQ(only<pod_action::KillContainer>(pod.advance(1ms)).size(), 1u);
}

TEST(PodDrain, ASecondRequestInAHurryShortensTheDrain) {
  PodDriver pod = running(pod_with_sidecar());
  pod.send(pod_event::DeletionRequested{30s});
  EXPECT_TRUE(only<DrainTraffic>(pod.send(pod_event::DeletionRequested{30s})).empty());
  const auto hurried = only<DrainTraffic>(pod.send(pod_event::DeletionRequested{1s}));
  ASSERT_EQ(hurried.size(), 1u);
  EXPECT_EQ(hurried[0].timeout, 1s);
}

TEST(PodDrain, DIF2_5_ARestartOfThePodIsNotReadyThenDrainsThenStops) {
  PodDriver pod = running(pod_with_sidecar());
  const auto oom = pod.exited(1, 137, true);
  EXPECT_FALSE(is_ready(pod.status()));
  ASSERT_EQ(only<DrainTraffic>(oom).size(), 1u);
  EXPECT_EQ(told_to_stop(oom), 0u);
  EXPECT_EQ(told_to_stop(pod.send(pod_event::TrafficDrained{0})), 1u);
  pod.exited(0, 0);
  pod.sandbox_removed();
  pod.sandbox_ready();
  pod.all_started();
  EXPECT_TRUE(pod.status().traffic.open);
  EXPECT_EQ(pod.status().traffic.sandbox, 1);
}

TEST(PodDrain, AnAnswerOfTheSandboxBeforeIsStale) {
  PodDriver pod = running(pod_with_sidecar());
  pod.exited(1, 137, true);
  pod.send(pod_event::TrafficDrained{0});
  pod.exited(0, 0);
  pod.sandbox_removed();
  pod.sandbox_ready();
  pod.all_started();
  pod.send(pod_event::DeletionRequested{30s});
  EXPECT_EQ(told_to_stop(pod.send(pod_event::TrafficDrained{0})), 0u);
  EXPECT_EQ(told_to_stop(pod.send(pod_event::TrafficDrained{1})), 2u);
}

TEST(PodDrain, ADeletionDuringARestartDoesNotDrainTwice) {
  PodDriver pod = running(pod_with_sidecar());
  pod.exited(1, 137, true);
  pod.send(pod_event::TrafficDrained{0});
  EXPECT_TRUE(only<DrainTraffic>(pod.send(pod_event::DeletionRequested{30s})).empty());
}

TEST(PodDrain, WhatWasToldToStopBeforeGoesOnStopping) {
  Pod spec = pod_with_sidecar();
  spec.spec.policy.restart_scope = RestartScope::Container;
  PodDriver pod = running(spec);
  pod.answer(1, ProbeKind::Liveness, Verdict::Failure);
  EXPECT_FALSE(pod.status().traffic.open);
  pod.send(pod_event::DeletionRequested{30s});
  EXPECT_EQ(only<pod_action::KillContainer>(pod.advance(30s)).size(), 1u);
}

TEST(PodDrain, ASandboxThatDiedHasNothingToDrain) {
  Pod spec = pod_with_sidecar();
  spec.spec.restart_policy = RestartPolicy::Never;
  PodDriver pod = running(spec);
  const auto died = pod.send(pod_event::SandboxDied{0});
  EXPECT_TRUE(only<DrainTraffic>(died).empty());
  EXPECT_EQ(only<pod_action::RemoveSandbox>(died).size(), 1u);
}

TEST(PodDrain, ABackOffSaysWhenItEnds) {
  PodDriver pod = running(make_pod({make_container("web")}));
  pod.exited(0, 1);  // the first restart is at once
  EXPECT_EQ(pod.status().traffic.back_off_until, std::nullopt);
  pod.started(0);
  pod.exited(0, 1);
  EXPECT_EQ(pod.status().traffic.back_off_until, pod.now().monotonic + 10s);
}

}  // namespace
}  // namespace podvisor
