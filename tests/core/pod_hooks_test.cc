// Lifecycle hooks (HOK) and what they do to start order and termination (ORD-3, ORD-5, TRM).
#include <gtest/gtest.h>

#include "core/pod_driver.h"

namespace podvisor {
namespace {

const HookAction kExec = ExecAction{{"/bin/hook"}};

Container with_post_start(Container container, HookAction hook = kExec) {
  container.lifecycle.post_start = std::move(hook);
  return container;
}

Container with_pre_stop(Container container, HookAction hook = kExec) {
  container.lifecycle.pre_stop = std::move(hook);
  return container;
}

std::vector<HookKind> hooks(const std::vector<PodAction>& actions) {
  std::vector<HookKind> found;
  for (const auto& run : only<pod_action::RunHook>(actions)) found.push_back(run.hook);
  return found;
}

std::vector<HookKind> cancelled(const std::vector<PodAction>& actions) {
  std::vector<HookKind> found;
  for (const auto& cancel : only<pod_action::CancelHook>(actions)) found.push_back(cancel.hook);
  return found;
}

Indices signals(const std::vector<PodAction>& actions) {
  Indices found;
  for (const auto& signal : only<pod_action::SignalContainer>(actions))
    found.push_back(signal.ref.container);
  return found;
}

using Kinds = std::vector<HookKind>;

class Hooks : public testing::Test {
 protected:
  static PodDriver up(std::vector<Container> containers) {
    PodDriver pod(make_pod(std::move(containers)));
    pod.up();
    return pod;
  }
  static PodDriver running(std::vector<Container> containers) {
    PodDriver pod = up(std::move(containers));
    pod.all_started();
    return pod;
  }
  static std::vector<PodAction> done(PodDriver& pod, ContainerIndex i, HookKind hook,
                                     bool succeeded = true) {
    return pod.send(pod_event::HookCompleted{pod.ref(i), hook, succeeded, "it says why"});
  }
};

TEST_F(Hooks, HOK1_PostStartRunsWithTheContainerWhichCountsAsRunning) {
  PodDriver pod = up({with_post_start(make_container("a"))});
  EXPECT_EQ(hooks(pod.started(0)), Kinds{HookKind::PostStart});
  const auto& status = pod.status().container_statuses[0];
  EXPECT_TRUE(std::holds_alternative<ContainerStateRunning>(status.state));
  EXPECT_FALSE(status.started);
  EXPECT_FALSE(is_ready(pod.status()));
  pod.advance(1h);  // no timeout of its own
  EXPECT_FALSE(is_ready(pod.status()));
  done(pod, 0, HookKind::PostStart);
  EXPECT_TRUE(is_ready(pod.status()));
}

TEST_F(Hooks, ORD5_TheNextRegularContainerWaitsForThePostStartHookBeforeIt) {
  PodDriver pod(
      make_pod({with_post_start(make_container("a")), make_container("b"), make_container("c")}));
  EXPECT_EQ(starts(pod.up()), Indices{0});
  EXPECT_EQ(starts(pod.started(0)), Indices{});
  EXPECT_EQ(starts(done(pod, 0, HookKind::PostStart)), (Indices{1, 2}));
}

TEST_F(Hooks, ORD5_AFailingStartDoesNotStopTheOthers) {
  PodDriver pod = up({with_post_start(make_container("a")), make_container("b")});
  EXPECT_EQ(
      starts(pod.send(pod_event::ContainerStartFailed{pod.ref(0), "CreateContainerError", "no"})),
      Indices{1});
}

TEST_F(Hooks, ORD3_ASidecarHasStartedWhenItsHookAndItsStartupProbeHaveSucceeded) {
  Container proxy = with_post_start(make_container("proxy", ContainerRole::Sidecar));
  proxy.startup_probe = make_probe(1);
  PodDriver pod(make_pod({proxy, make_container("a")}));
  EXPECT_EQ(starts(pod.up()), Indices{0});
  EXPECT_TRUE(only<pod_action::StartAttempt>(pod.started(0)).empty());  // the hook first
  EXPECT_TRUE(only<pod_action::StartAttempt>(pod.advance(5s)).empty());
  const auto after = done(pod, 0, HookKind::PostStart);
  EXPECT_EQ(starts(after), Indices{});
  EXPECT_EQ(only<pod_action::StartAttempt>(after).size(), 1u);
  EXPECT_EQ(starts(pod.answer(0, ProbeKind::Startup, Verdict::Success)), Indices{1});
}

TEST_F(Hooks, HOK2_AFailedPostStartKillsWithPreStopAndTheThePodsGrace) {
  PodDriver pod = running({with_pre_stop(with_post_start(make_container("a")))});
  const auto failed = done(pod, 0, HookKind::PostStart, false);
  EXPECT_TRUE(has_event(failed, "FailedPostStartHook", "PostStartHook failed"));
  EXPECT_TRUE(has_event(failed, "Killing", "FailedPostStartHook"));
  EXPECT_EQ(hooks(failed), Kinds{HookKind::PreStop});
  EXPECT_EQ(signals(failed), Indices{});
  EXPECT_EQ(signals(done(pod, 0, HookKind::PreStop)), Indices{0});
  EXPECT_EQ(kills(pod.advance(30s)), Indices{0});
}

TEST_F(Hooks, HOK2_TheReasonIsPostStartHookErrorAndThenTheBackOffs) {
  PodDriver pod = running({with_post_start(make_container("a"))});
  done(pod, 0, HookKind::PostStart, false);
  EXPECT_EQ(starts(pod.exited(0, 143)), Indices{0});
  const auto reason = [&] {
    return std::get<ContainerStateWaiting>(pod.status().container_statuses[0].state).reason;
  };
  EXPECT_EQ(reason(), "PostStartHookError");
  EXPECT_EQ(pod.status().container_statuses[0].last_state->exit_code, 143);
  pod.started(0);
  done(pod, 0, HookKind::PostStart, false);
  EXPECT_EQ(starts(pod.exited(0, 143)), Indices{});
  EXPECT_EQ(reason(), "CrashLoopBackOff");
}

TEST_F(Hooks, HOK2_UnderNeverItIsNotRestarted) {
  Pod manifest = make_pod({with_post_start(make_container("a"))});
  manifest.spec.restart_policy = RestartPolicy::Never;
  PodDriver pod(manifest);
  pod.up();
  pod.started(0);
  done(pod, 0, HookKind::PostStart, false);
  EXPECT_EQ(starts(pod.exited(0, 143)), Indices{});
  EXPECT_EQ(pod.status().phase, PodPhase::Failed);
  EXPECT_TRUE(
      std::holds_alternative<ContainerStateTerminated>(pod.status().container_statuses[0].state));
}

TEST_F(Hooks, HOK3_PreStopComesBeforeTheSignal) {
  PodDriver pod = running({with_pre_stop(make_container("a"))});
  const auto stop = pod.send(pod_event::DeletionRequested{30s});
  EXPECT_EQ(hooks(stop), Kinds{HookKind::PreStop});
  EXPECT_EQ(signals(stop), Indices{});
  EXPECT_EQ(signals(done(pod, 0, HookKind::PreStop)), Indices{0});
}

TEST_F(Hooks, HOK3_AlsoWhenAProbeKills) {
  Container a = with_pre_stop(make_container("a"));
  a.liveness_probe = make_probe(1, 1);
  a.liveness_probe->termination_grace_period = 5s;
  PodDriver pod = running({a});
  const auto failed = pod.answer(0, ProbeKind::Liveness, Verdict::Failure);
  EXPECT_EQ(hooks(failed), Kinds{HookKind::PreStop});
  const auto overrun = pod.advance(5s);  // TRM-6: the probe's grace
  EXPECT_EQ(cancelled(overrun), Kinds{HookKind::PreStop});
  EXPECT_EQ(signals(overrun), Indices{0});
}

TEST_F(Hooks, HOK3_NeverAfterACrash) {
  PodDriver pod = running({with_pre_stop(make_container("a"))});
  EXPECT_EQ(hooks(pod.exited(0, 1)), Kinds{});
  pod.started(0);
  EXPECT_EQ(hooks(pod.exited(0, 137, true)), Kinds{});
}

TEST_F(Hooks, HOK3_NeverWithoutAnyGrace) {
  Container a = with_pre_stop(make_container("a"));
  a.liveness_probe = make_probe(1, 1);
  Pod manifest = make_pod({a});
  manifest.spec.termination_grace_period = 0s;
  PodDriver pod(manifest);
  pod.up();
  pod.started(0);
  const auto failed = pod.answer(0, ProbeKind::Liveness, Verdict::Failure);
  EXPECT_EQ(hooks(failed), Kinds{});
  EXPECT_EQ(signals(failed), Indices{0});
}

TEST_F(Hooks, HOK4_HOK6_AFailedPreStopIsToldWithoutItsOutputAndTheStopGoesOn) {
  PodDriver pod = running({with_pre_stop(make_container("a"))});
  pod.send(pod_event::DeletionRequested{30s});
  const auto failed = done(pod, 0, HookKind::PreStop, false);
  EXPECT_TRUE(has_event(failed, "FailedPreStopHook", "PreStopHook failed"));
  EXPECT_EQ(signals(failed), Indices{0});
}

TEST_F(Hooks, HOK5_SleepsAreWaitedForHereAndAskedOfNobody) {
  const HookAction sleep = SleepAction{3s};
  PodDriver pod = up({with_pre_stop(with_post_start(make_container("a"), sleep), sleep)});
  EXPECT_EQ(hooks(pod.started(0)), Kinds{});
  EXPECT_FALSE(is_ready(pod.status()));
  EXPECT_TRUE(done(pod, 0, HookKind::PostStart).empty());  // nobody's answer ends it
  pod.advance_to_wake();
  EXPECT_TRUE(is_ready(pod.status()));
  const auto stop = pod.send(pod_event::DeletionRequested{30s});
  EXPECT_EQ(hooks(stop), Kinds{});
  EXPECT_EQ(signals(pod.advance(2999ms)), Indices{});
  EXPECT_EQ(signals(pod.advance(1ms)), Indices{0});
  EXPECT_EQ(kills(pod.advance(26999ms)), Indices{});
  EXPECT_EQ(kills(pod.advance(1ms)), Indices{0});
}

TEST_F(Hooks, HOK5_ASleepOfNothingIsOverAtOnce) {
  const HookAction sleep = SleepAction{0s};
  PodDriver pod = up({with_pre_stop(with_post_start(make_container("a"), sleep), sleep)});
  pod.started(0);
  EXPECT_TRUE(is_ready(pod.status()));
  EXPECT_EQ(signals(pod.send(pod_event::DeletionRequested{30s})), Indices{0});
}

TEST_F(Hooks, TRM2_WholeSecondsOfPreStopComeOffTheGracePeriod) {
  PodDriver pod = running({with_pre_stop(make_container("a"))});
  pod.send(pod_event::DeletionRequested{10s});
  pod.advance(3700ms);
  done(pod, 0, HookKind::PreStop);
  EXPECT_EQ(kills(pod.advance(6999ms)), Indices{});  // 10 - floor(3.7) = 7
  EXPECT_EQ(kills(pod.advance(1ms)), Indices{0});
}

TEST_F(Hooks, TRM4_APreStopThatOverrunsIsCancelledAndLeavesTheMinimum) {
  PodDriver pod = running({with_pre_stop(make_container("a"))});
  pod.send(pod_event::DeletionRequested{10s});
  EXPECT_EQ(cancelled(pod.advance(9999ms)), Kinds{});
  const auto overrun = pod.advance(1ms);
  EXPECT_EQ(cancelled(overrun), Kinds{HookKind::PreStop});
  EXPECT_EQ(signals(overrun), Indices{0});
  EXPECT_TRUE(done(pod, 0, HookKind::PreStop, false).empty());  // too late
  EXPECT_EQ(kills(pod.advance(1999ms)), Indices{});
  EXPECT_EQ(kills(pod.advance(1ms)), Indices{0});
}

TEST_F(Hooks, TRM7_AnExitDuringPreStopEndsTheStop) {
  PodDriver pod = running({with_pre_stop(make_container("a"))});
  pod.send(pod_event::DeletionRequested{10s});
  const auto ended = pod.exited(0, 0);
  EXPECT_EQ(cancelled(ended), Kinds{HookKind::PreStop});
  EXPECT_EQ(only<pod_action::RemoveSandbox>(ended).size(), 1u);
}

TEST_F(Hooks, TRM10_ASidecarsPreStopIsNotDelayedItsSignalIs) {
  PodDriver pod = running({with_pre_stop(make_container("proxy", ContainerRole::Sidecar))});
  PodDriver two(make_pod({with_pre_stop(make_container("proxy", ContainerRole::Sidecar)),
                          with_pre_stop(make_container("a"))}));
  two.up();
  two.started(0);
  two.started(1);
  const auto stop = two.send(pod_event::DeletionRequested{30s});
  EXPECT_EQ(hooks(stop), (Kinds{HookKind::PreStop, HookKind::PreStop}));
  EXPECT_EQ(signals(done(two, 0, HookKind::PreStop)), Indices{});
  EXPECT_EQ(signals(done(two, 1, HookKind::PreStop)), Indices{1});
  two.advance(4s);
  EXPECT_EQ(signals(two.exited(1, 0)), Indices{0});
  EXPECT_EQ(kills(two.advance(25999ms)), Indices{});  // 30 - 4
  EXPECT_EQ(kills(two.advance(1ms)), Indices{0});
}

TEST_F(Hooks, TRM1_AShorterGraceCutsARunningPreStopShort) {
  PodDriver pod = running({with_pre_stop(make_container("a"))});
  pod.send(pod_event::DeletionRequested{30s});
  pod.advance(1s);
  pod.send(pod_event::DeletionRequested{2s});
  const auto overrun = pod.advance(2s);
  EXPECT_EQ(cancelled(overrun), Kinds{HookKind::PreStop});
  EXPECT_EQ(signals(overrun), Indices{0});
}

TEST_F(Hooks, TRM3_StopSignalTakesTheTermsPlace) {
  Container a = make_container("a");
  a.lifecycle.stop_signal = 3;
  PodDriver pod = running({a});
  const auto stop = only<pod_action::SignalContainer>(pod.send(pod_event::DeletionRequested{30s}));
  ASSERT_EQ(stop.size(), 1u);
  EXPECT_EQ(stop[0].signal, 3);
}

TEST_F(Hooks, DeletionDuringPostStartCancelsItAndGoesOnWithPreStop) {
  PodDriver pod = running({with_pre_stop(with_post_start(make_container("a")))});
  const auto stop = pod.send(pod_event::DeletionRequested{30s});
  EXPECT_EQ(cancelled(stop), Kinds{HookKind::PostStart});
  EXPECT_EQ(hooks(stop), Kinds{HookKind::PreStop});
  EXPECT_TRUE(done(pod, 0, HookKind::PostStart, false).empty());
}

TEST_F(Hooks, ACrashDuringPostStartCancelsIt) {
  PodDriver pod = running({with_post_start(make_container("a"))});
  const auto crashed = pod.exited(0, 1);
  EXPECT_EQ(cancelled(crashed), Kinds{HookKind::PostStart});
  EXPECT_EQ(starts(crashed), Indices{0});
}

TEST_F(Hooks, TheAnswerOfAnEarlierInstanceIsDropped) {
  PodDriver pod = running({with_post_start(make_container("a"))});
  const ContainerRef old = pod.ref(0);
  pod.exited(0, 1);
  pod.started(0);
  EXPECT_TRUE(pod.send(pod_event::HookCompleted{old, HookKind::PostStart, true, ""}).empty());
  EXPECT_FALSE(is_ready(pod.status()));
}

TEST_F(Hooks, DIF2_5_APodRestartRunsPreStop) {
  Container php = make_container("php");
  PodDriver pod = running({with_pre_stop(make_container("nginx")), php});
  pod.exited(1, 137, true);
  EXPECT_EQ(hooks(pod.send(pod_event::ReplacementRefused{"no room"})), Kinds{HookKind::PreStop});
}

}  // namespace
}  // namespace podvisor
