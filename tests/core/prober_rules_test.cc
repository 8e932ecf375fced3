// Which probes run at all, and when a pod's status is looked at anew because of one (PRB).
#include "core/pod_driver.h"

namespace podvisor {
namespace {

Container probed(const std::string& name, ContainerRole role = ContainerRole::Regular) {
  Container container = make_container(name, role);
  container.readiness_probe = make_probe();
  container.liveness_probe = make_probe();
  return container;
}

TEST(ProberRules, PRB1_SidecarsAndRegularContainersAre) {
  PodDriver pod(make_pod({probed("proxy", ContainerRole::Sidecar), probed("main")}));
  pod.up();
  pod.started(0);
  pod.started(1);
  pod.advance(Duration(0));
  bool seen[2] = {false, false};
  for (const auto& attempt : only<pod_action::StartAttempt>(pod.actions()))
    seen[attempt.ref.container] = true;
  EXPECT_TRUE(seen[0] && seen[1]) << pod.log();
}

TEST(ProberRules, PRB7_AFinishedPodIsNotProbed) {
  Pod spec = make_pod({probed("main")});
  spec.spec.restart_policy = RestartPolicy::Never;
  PodDriver pod(spec);
  pod.up();
  pod.started(0);
  pod.exited(0, 0);
  const std::size_t before = only<pod_action::StartAttempt>(pod.actions()).size();
  for (int i = 0; i < 3; ++i) pod.advance(30s);
  EXPECT_EQ(only<pod_action::StartAttempt>(pod.actions()).size(), before) << pod.log();
}

TEST(ProberRules, PRB10_AfterALivenessFailureNothingIsProbedUntilANewInstance) {
  Container main = make_container("main");
  main.liveness_probe = make_probe(10, 1);
  PodDriver pod(make_pod({main}));
  pod.up();
  pod.started(0);
  pod.advance(Duration(0));
  pod.answer(0, ProbeKind::Liveness, Verdict::Failure);
  const std::size_t before = only<pod_action::StartAttempt>(pod.actions()).size();
  pod.advance(15s);
  EXPECT_EQ(only<pod_action::StartAttempt>(pod.actions()).size(), before) << pod.log();
}

TEST(ProberRules, PRB23_OnlyAChangeOfTheResultChangesTheStatus) {
  Container main = make_container("main");
  main.readiness_probe = make_probe(10, 2);
  PodDriver pod(make_pod({main}));
  pod.up();
  pod.started(0);
  pod.advance(Duration(0));
  pod.answer(0, ProbeKind::Readiness, Verdict::Success);
  EXPECT_TRUE(pod.status_changed());  // not ready before
  pod.advance(10s);
  pod.answer(0, ProbeKind::Readiness, Verdict::Success);
  EXPECT_FALSE(pod.status_changed());  // a repeat
  pod.advance(10s);
  pod.answer(0, ProbeKind::Readiness, Verdict::Failure);
  EXPECT_FALSE(pod.status_changed());  // below its threshold
  pod.advance(10s);
  pod.answer(0, ProbeKind::Readiness, Verdict::Failure);
  EXPECT_TRUE(pod.status_changed());
}

TEST(ProberRules, PRB2_PRB3a_EachInstanceIsProbedFromItsStartOnceAPeriodUntilThePodIsRemoved) {
  Container main = make_container("main");
  main.readiness_probe = make_probe(10, 1);
  PodDriver pod(make_pod({main, make_container("other")}));
  pod.up();
  pod.started(1);
  EXPECT_TRUE(only<pod_action::StartAttempt>(pod.advance(25s)).empty());  // it has not started
  EXPECT_EQ(only<pod_action::StartAttempt>(pod.started(0)).size(), 1u);
  pod.answer(0, ProbeKind::Readiness, Verdict::Success);
  EXPECT_TRUE(only<pod_action::StartAttempt>(pod.advance(9999ms)).empty());
  EXPECT_EQ(only<pod_action::StartAttempt>(pod.advance(1ms)).size(), 1u);
  pod.answer(0, ProbeKind::Readiness, Verdict::Success);
  pod.advance(4s);
  pod.exited(0, 1);
  EXPECT_EQ(only<pod_action::StartAttempt>(pod.started(0)).size(), 1u);  // a new instance, at once
  pod.answer(0, ProbeKind::Readiness, Verdict::Success);
  pod.send(pod_event::DeletionRequested{30s});
  EXPECT_EQ(only<pod_action::StartAttempt>(pod.advance(10s)).size(), 1u);
  pod.exited(0, 143);
  pod.exited(1, 143);
  EXPECT_TRUE(only<pod_action::StartAttempt>(pod.advance(1h)).empty());
}

}  // namespace
}  // namespace podvisor
