// Whole-pod restarts by DIF-2.4: the pod serves on, and asks for a replacement.
#include <gtest/gtest.h>

#include "core/pod_driver.h"

namespace podvisor {
namespace {

using Stage = PodState::Stage;

/// main (0) and php (1), both running; php with a readiness probe, so that it takes an answer until
/// the pod is whole again.
class Surge : public testing::Test {
 protected:
  Surge() {
    Container php = make_container("php");
    php.readiness_probe = make_probe(1, 1);
    php.liveness_probe = make_probe(1, 1);
    manifest_ = make_pod({make_container("nginx"), php});
  }
  PodDriver running() {
    PodDriver pod(manifest_);
    pod.up();
    pod.all_started();
    pod.answer(1, ProbeKind::Readiness, Verdict::Success);
    EXPECT_TRUE(is_ready(pod.status()));
    return pod;
  }
  static bool requests(const std::vector<PodAction>& actions) {
    return !only<pod_action::RequestReplacement>(actions).empty();
  }
  /// An OOM for which a replacement is being made.
  PodDriver replaced() {
    PodDriver pod = running();
    EXPECT_TRUE(requests(pod.exited(1, 137, true)));
    pod.send(pod_event::ReplacementBegun{});
    return pod;
  }
  Pod manifest_;
};

TEST_F(Surge, DIF2_4_ASidecarsOomAsksForAReplacementAndRestartsItAlone) {
  PodDriver pod = running();
  const auto trigger = pod.exited(1, 137, true);
  EXPECT_TRUE(requests(trigger));
  EXPECT_EQ(starts(trigger), Indices{1});
  EXPECT_TRUE(only<pod_action::SignalContainer>(trigger).empty());
  EXPECT_EQ(pod.state().stage, Stage::Up);
  EXPECT_TRUE(has_event(trigger, "SidecarFailed",
                        "Container php was OOM-killed; replacing the pod (Surge)"));
  EXPECT_TRUE(pod.status().container_statuses[0].ready) << "nginx serves on";
  EXPECT_FALSE(is_ready(pod.status()));
}

TEST_F(Surge, DIF2_10_TheConditionNamesTheStrategy) {
  PodDriver pod = replaced();
  const PodCondition during = pod.condition("AllContainersRestarting");
  EXPECT_TRUE(during.status);
  EXPECT_EQ(during.message, "container php, trigger oom, strategy Surge");
  pod.send(pod_event::ReplacementEnded{});
  EXPECT_FALSE(pod.condition("AllContainersRestarting").status);
}

TEST_F(Surge, DIF2_14_ItIsCountedWhenTheReplacementIsBegun) {
  PodDriver pod = running();
  EXPECT_TRUE(only<pod_action::CountPodRestart>(pod.exited(1, 137, true)).empty());
  const auto counts = only<pod_action::CountPodRestart>(pod.send(pod_event::ReplacementBegun{}));
  ASSERT_EQ(counts.size(), 1U);
  EXPECT_TRUE(counts[0].surge);
  EXPECT_EQ(counts[0].trigger, RestartTrigger::Oom);
}

TEST_F(Surge, DIF2_4_AFailedLivenessProbeLikewise) {
  PodDriver pod = running();
  const auto trigger = pod.answer(1, ProbeKind::Liveness, Verdict::Failure, "refused");
  EXPECT_TRUE(requests(trigger));
  EXPECT_EQ(only<pod_action::SignalContainer>(trigger).size(), 1U) << "php alone is stopped";
  EXPECT_EQ(starts(pod.exited(1, 143)), Indices{1});
}

TEST_F(Surge, DIF2_4_WholeAndReadyAgainItWantsNoReplacement) {
  PodDriver pod = replaced();
  EXPECT_TRUE(only<pod_action::WithdrawReplacement>(pod.started(1)).empty());
  const auto ready = pod.answer(1, ProbeKind::Readiness, Verdict::Success);
  EXPECT_EQ(only<pod_action::WithdrawReplacement>(ready).size(), 1U) << pod.log();
  EXPECT_TRUE(is_ready(pod.status()));
  EXPECT_FALSE(pod.condition("AllContainersRestarting").status);
}

TEST_F(Surge, DIF2_8_OneIncidentOneReplacement) {
  PodDriver pod = replaced();
  pod.started(1);
  EXPECT_FALSE(requests(pod.exited(1, 137, true)));
  EXPECT_EQ(pod.state().stage, Stage::Up);
}

TEST_F(Surge, DIF2_7_TheNextIncidentWaitsWhileThePodServesOn) {
  PodDriver pod = replaced();
  pod.started(1);
  pod.answer(1, ProbeKind::Readiness, Verdict::Success);
  EXPECT_FALSE(requests(pod.exited(1, 137, true)));
  EXPECT_EQ(pod.state().stage, Stage::Up);
  const TimePoint triggered = pod.now().monotonic;
  while (!requests(pod.advance_to_wake())) ASSERT_LT(pod.now().monotonic, triggered + 1min);
  EXPECT_EQ(pod.now().monotonic - triggered, 10s);
}

TEST_F(Surge, DIF2_7_TheReplacementGoesOnWithTheSeries) {
  PodDriver pod = replaced();
  const PodState fresh = initial_pod_state(manifest_, pod.state().restart_backoff);
  EXPECT_EQ(fresh.restart_backoff.delay, Duration(10s));
}

TEST_F(Surge, DIF2_5_RefusedItIsRecreateAndCountedOnce) {
  PodDriver pod = running();
  pod.exited(1, 137, true);
  const auto refused = pod.send(pod_event::ReplacementRefused{"no memory"});
  EXPECT_EQ(pod.state().stage, Stage::Restarting);
  const auto counts = only<pod_action::CountPodRestart>(refused);
  ASSERT_EQ(counts.size(), 1U);
  EXPECT_FALSE(counts[0].surge);
  EXPECT_TRUE(has_event(refused, "SidecarFailed",
                        "Container php was OOM-killed; restarting the whole pod (Recreate: no "
                        "memory)"));
}

TEST_F(Surge, DIF2_5_OneThatCouldNotBeStartedCostsNoBackOff) {
  PodDriver pod = replaced();
  pod.send(pod_event::ReplacementRefused{"could not be started"});
  for (ContainerIndex i = 0; i < 2; ++i)
    if (pod.container(i).alive()) pod.exited(i, 143);
  EXPECT_EQ(only<pod_action::MakeSandbox>(pod.sandbox_removed()).size(), 1U) << pod.log();
}

TEST_F(Surge, DIF2_5_DIF2_6_WhereTwoCannotStandSideBySideItIsRecreate) {
  const auto recreates = [&](auto change) {
    Pod pod = manifest_;
    change(pod.spec);
    return !may_surge(pod.spec);
  };
  EXPECT_FALSE(recreates([](PodSpec&) {}));
  EXPECT_FALSE(recreates([](PodSpec& spec) { spec.network = NetworkMode::None; }));
  EXPECT_TRUE(recreates([](PodSpec& spec) { spec.network = NetworkMode::Host; }));
  EXPECT_TRUE(recreates([](PodSpec& spec) { spec.host_network = true; }));
  EXPECT_TRUE(recreates([](PodSpec& spec) { spec.network = NetworkMode::Join; }));
  EXPECT_TRUE(recreates([](PodSpec& spec) { spec.policy.rollout.recreate = true; }));
  EXPECT_TRUE(recreates([](PodSpec& spec) { spec.restart_policy = RestartPolicy::OnFailure; }));
}

TEST_F(Surge, DIF2_13_DuringInitialisationItIsRecreate) {
  Container proxy = make_container("proxy", ContainerRole::Sidecar);
  proxy.startup_probe = make_probe(1, 1);
  PodDriver pod(make_pod({proxy, make_container("main")}));
  pod.up();
  pod.started(0);
  const auto trigger = pod.answer(0, ProbeKind::Startup, Verdict::Failure);
  EXPECT_FALSE(requests(trigger));
  EXPECT_EQ(pod.state().stage, Stage::Restarting);
}

TEST_F(Surge, TRM_DeletionEndsTheIncident) {
  PodDriver pod = replaced();
  pod.started(1);
  pod.send(pod_event::DeletionRequested{});
  EXPECT_EQ(pod.state().stage, Stage::Terminating);
  EXPECT_FALSE(requests(pod.send(pod_event::ReplacementEnded{})));
  pod.exited(0, 0);
  pod.exited(1, 0);
  EXPECT_EQ(only<pod_action::ForgetPod>(pod.sandbox_removed()).size(), 1U) << pod.log();
}

TEST_F(Surge, SBX_ASandboxThatDiesMeanwhileIsMadeAnew) {
  PodDriver pod = replaced();
  pod.send(pod_event::SandboxDied{0});
  EXPECT_EQ(pod.state().stage, Stage::RemovingSandbox) << pod.log();
  pod.sandbox_removed();
  pod.send(pod_event::ReplacementEnded{});
  EXPECT_TRUE(pod.state().stage == Stage::MakingSandbox || pod.state().stage == Stage::Pending)
      << pod.log();
}

}  // namespace
}  // namespace podvisor
