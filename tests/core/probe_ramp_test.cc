// podvisor.io/fast-ready: attempts between the ticks until the first success (probe_state.h).
#include <gtest/gtest.h>

#include "core/pod_driver.h"

namespace podvisor {
namespace {

class ProbeRamp : public testing::Test {
 protected:
  static PodDriver running(ProbeKind kind, Probe probe, bool fast = true) {
    Container a = make_container("a");
    (kind == ProbeKind::Startup     ? a.startup_probe
     : kind == ProbeKind::Readiness ? a.readiness_probe
                                    : a.liveness_probe) = probe;
    Pod manifest = make_pod({a, make_container("b")});
    manifest.spec.policy.fast_ready = fast;
    PodDriver pod(manifest);
    pod.up();
    pod.all_started();
    return pod;
  }
  /// Fails every attempt at once until the probe is on hold or `span` is over; when they began.
  static std::vector<Duration> fail_for(PodDriver& pod, ProbeKind kind, Duration span) {
    const TimePoint begin = pod.now().monotonic;
    std::vector<Duration> at;
    while (pod.now().monotonic - begin <= span) {
      if (pod.probe(0, kind).phase == ProbeState::Phase::InFlight) {
        at.push_back(pod.now().monotonic - begin);
        pod.answer(0, kind, Verdict::Failure);
      }
      if (pod.probe(0, kind).phase != ProbeState::Phase::Waiting) break;
      pod.advance_to_wake();
    }
    return at;
  }
};

TEST_F(ProbeRamp, AddsAttemptsBetweenTheTicksAndLeavesNoneOut) {
  PodDriver pod = running(ProbeKind::Startup, make_probe(1, 30));
  EXPECT_EQ(fail_for(pod, ProbeKind::Startup, 3s),
            (std::vector<Duration>{0ms, 20ms, 60ms, 140ms, 300ms, 620ms, 1s, 2s, 3s}));
}

TEST_F(ProbeRamp, PRB22_AStartupProbeFailsWhenItWouldHaveFailedWithoutIt) {
  for (const bool fast : {true, false}) {
    PodDriver pod = running(ProbeKind::Startup, make_probe(10, 3), fast);
    EXPECT_EQ(fail_for(pod, ProbeKind::Startup, 1h).back(), 20s) << fast;
    EXPECT_EQ(pod.probe(0, ProbeKind::Startup).result, ProbeResult::Failure);
  }
}

TEST_F(ProbeRamp, AnAddedAttemptThatFailsMakesNoEventAndTheTicksDo) {
  PodDriver pod = running(ProbeKind::Startup, make_probe(1, 30));
  fail_for(pod, ProbeKind::Startup, 2s);
  const auto told = only<pod_action::EmitEvent>(pod.actions());
  EXPECT_EQ(std::ranges::count(told, "Unhealthy", &pod_action::EmitEvent::reason), 3);
  EXPECT_EQ(only<pod_action::CountVerdict>(pod.actions()).size(), 8u);
}

TEST_F(ProbeRamp, AnAddedAttemptThatSucceedsCountsAndEndsIt) {
  PodDriver pod = running(ProbeKind::Startup, make_probe(10, 3));
  pod.answer(0, ProbeKind::Startup, Verdict::Failure);
  pod.advance(20ms);
  pod.answer(0, ProbeKind::Startup, Verdict::Success);
  EXPECT_TRUE(pod.status().container_statuses[0].started);
}

TEST_F(ProbeRamp, AfterTheFirstSuccessNothingDiffers) {
  PodDriver pod = running(ProbeKind::Readiness, make_probe(10, 1));
  pod.answer(0, ProbeKind::Readiness, Verdict::Failure);
  pod.advance_to_wake();
  pod.answer(0, ProbeKind::Readiness, Verdict::Success);
  EXPECT_TRUE(is_ready(pod.status()));
  pod.advance_to_wake();
  EXPECT_EQ(pod.probe(0, ProbeKind::Readiness).phase, ProbeState::Phase::InFlight);
  const TimePoint tick = pod.now().monotonic;
  pod.answer(0, ProbeKind::Readiness, Verdict::Failure);
  EXPECT_FALSE(is_ready(pod.status()));
  if (pod.probe(0, ProbeKind::Readiness).phase == ProbeState::Phase::InFlight)  // PRB-5
    pod.answer(0, ProbeKind::Readiness, Verdict::Failure);
  EXPECT_EQ(pod.probe(0, ProbeKind::Readiness).due, tick + 10s);
}

TEST_F(ProbeRamp, LivenessIsNeverRamped) {
  PodDriver pod = running(ProbeKind::Liveness, make_probe(10, 3));
  pod.answer(0, ProbeKind::Liveness, Verdict::Failure);
  EXPECT_EQ(pod.probe(0, ProbeKind::Liveness).due, pod.now().monotonic + 10s);
}

TEST_F(ProbeRamp, PRB6_ItBeginsAfterTheInitialDelay) {
  Probe probe = make_probe(10, 3);
  probe.initial_delay = 5s;
  PodDriver pod = running(ProbeKind::Startup, probe);
  EXPECT_TRUE(only<pod_action::StartAttempt>(pod.advance(4999ms)).empty());
  EXPECT_EQ(only<pod_action::StartAttempt>(pod.advance(1ms)).size(), 1u);
}

TEST_F(ProbeRamp, EachInstanceBeginsItAnew) {
  PodDriver pod = running(ProbeKind::Startup, make_probe(10, 3));
  fail_for(pod, ProbeKind::Startup, 5s);
  pod.exited(0, 1);
  pod.started(0);
  pod.answer(0, ProbeKind::Startup, Verdict::Failure);
  EXPECT_EQ(pod.probe(0, ProbeKind::Startup).due, pod.now().monotonic + 20ms);
}

}  // namespace
}  // namespace podvisor
