// restartPolicyRules and RestartAllContainers (RAC, DIF-2.11).
#include <gtest/gtest.h>

#include "core/pod_driver.h"

namespace podvisor {
namespace {

using Stage = PodState::Stage;
using Action = RestartRule::Action;

RestartRule rule(Action action, std::vector<int> codes, bool not_in = false) {
  return {action, not_in, std::move(codes)};
}

Container with_rules(std::string name, RestartPolicy policy, std::vector<RestartRule> rules,
                     ContainerRole role = ContainerRole::Regular) {
  Container container = make_container(std::move(name), role);
  container.restart_policy = policy;
  container.restart_rules = std::move(rules);
  return container;
}

const ContainerStatus& status_of(const PodDriver& pod, const std::string& name) {
  for (const auto* list : {&pod.status().container_statuses, &pod.status().init_container_statuses})
    for (const ContainerStatus& each : *list)
      if (each.name == name) return each;
  return pod.status().container_statuses.front();
}

std::string waiting_reason(const PodDriver& pod, const std::string& name) {
  const auto* waiting = std::get_if<ContainerStateWaiting>(&status_of(pod, name).state);
  return waiting == nullptr ? "not waiting" : waiting->reason;
}

TEST(PodRules, RAC3_TheFirstRuleThatHoldsDecides) {
  struct Row {
    std::vector<RestartRule> rules;
    int exit_code;
    bool restarts;  // under Never
  };
  const Row rows[] = {
      {{rule(Action::Restart, {42})}, 42, true},
      {{rule(Action::Restart, {42})}, 41, false},
      {{rule(Action::Restart, {})}, 42, false},      // In with nothing never matches
      {{rule(Action::Restart, {}, true)}, 0, true},  // NotIn with nothing always
      {{rule(Action::Restart, {0, 1}, true)}, 1, false},
      {{rule(Action::Restart, {0, 1}, true)}, 2, true},
      {{rule(Action::Restart, {1}), rule(Action::Restart, {2})}, 2, true},
      {{}, 1, false},
  };
  for (const Row& row : rows) {
    PodDriver pod(
        make_pod({with_rules("a", RestartPolicy::Never, row.rules), make_container("b")}));
    pod.up();
    pod.all_started();
    EXPECT_EQ(starts(pod.exited(0, row.exit_code)), row.restarts ? Indices{0} : Indices{})
        << row.exit_code;
  }
}

TEST(PodRules, RAC7_RestartCountsAndBacksOffAsAnyOther) {
  PodDriver pod(make_pod(
      {with_rules("a", RestartPolicy::Never, {rule(Action::Restart, {42})}), make_container("b")}));
  pod.up();
  pod.all_started();
  pod.exited(0, 42);
  pod.started(0);
  EXPECT_EQ(status_of(pod, "a").restart_count, 1);
  EXPECT_EQ(starts(pod.exited(0, 42)), Indices{});
  EXPECT_EQ(waiting_reason(pod, "a"), "CrashLoopBackOff");
  EXPECT_EQ(starts(pod.advance(10s)), Indices{0});
}

TEST(PodRules, RAC7_UnderOnFailureAListedZeroRestarts) {
  PodDriver pod(make_pod({with_rules("a", RestartPolicy::OnFailure, {rule(Action::Restart, {0})}),
                          make_container("b")}));
  pod.up();
  pod.all_started();
  EXPECT_EQ(starts(pod.exited(0, 0)), Indices{0});
}

TEST(PodRules, RAC8_AnOomKillMatchesAs137) {
  PodDriver pod(make_pod({with_rules("main", RestartPolicy::Never, {rule(Action::Restart, {137})}),
                          make_container("b")}));
  pod.up();
  pod.all_started();
  EXPECT_EQ(starts(pod.exited(0, 137, true)), Indices{0});
}

TEST(PodRules, RAC9_AProbesKillIsNotHeldAgainstTheRulesUnlessTheRestartIsRefused) {
  Container main =
      with_rules("main", RestartPolicy::Always, {rule(Action::RestartAllContainers, {143})});
  main.liveness_probe = make_probe(1, 1);
  PodDriver pod(make_pod({main, make_container("b")}));
  pod.up();
  pod.all_started();
  pod.answer(0, ProbeKind::Liveness, Verdict::Failure);
  EXPECT_EQ(starts(pod.exited(0, 143)), Indices{0});  // in the same pass, rules not asked
  EXPECT_EQ(pod.state().stage, Stage::Up);
  pod.started(0);
  pod.answer(0, ProbeKind::Liveness, Verdict::Failure);
  pod.exited(0, 143);  // back-off refuses
  EXPECT_EQ(pod.state().stage, Stage::Restarting);
}

TEST(PodRules, RAC9_UnderNeverAProbesKillIsHeldAgainstTheRules) {
  Container main = with_rules("main", RestartPolicy::Never, {rule(Action::Restart, {143})});
  main.liveness_probe = make_probe(1, 1);
  PodDriver pod(make_pod({main, make_container("b")}));
  pod.up();
  pod.all_started();
  pod.answer(0, ProbeKind::Liveness, Verdict::Failure);
  EXPECT_EQ(starts(pod.exited(0, 143)), Indices{0});
}

/// init (0), proxy (1, sidecar), main (2) and watcher (3), whose exit code 88 restarts all.
class RestartAll : public testing::Test {
 protected:
  static Pod manifest() {
    Container main = make_container("main");
    main.lifecycle.pre_stop = ExecAction{{"/bin/hook"}};
    return make_pod(
        {make_container("init", ContainerRole::Init),
         make_container("proxy", ContainerRole::Sidecar), main,
         with_rules("watcher", RestartPolicy::Never, {rule(Action::RestartAllContainers, {88})})});
  }
  static void reach_running(PodDriver& pod) {
    pod.started(0);
    pod.exited(0, 0);
    pod.started(1);
    pod.started(2);
    pod.started(3);
  }
  static PodDriver running() {
    PodDriver pod(manifest());
    pod.up();
    reach_running(pod);
    EXPECT_TRUE(is_ready(pod.status()));
    return pod;
  }
  /// From the trigger until nothing runs.
  static std::vector<PodAction> stop_all(PodDriver& pod) {
    pod.exited(2, 143);
    return pod.exited(1, 143);
  }
};

TEST_F(RestartAll, RAC10_TheConditionIsFalseUntilARuleTriggers) {
  PodDriver pod = running();
  EXPECT_FALSE(pod.condition("AllContainersRestarting").status);
  const auto trigger = pod.exited(3, 88);
  EXPECT_TRUE(pod.condition("AllContainersRestarting").status);
  EXPECT_EQ(pod.condition("AllContainersRestarting").reason, "RestartAllContainersStarted");
  EXPECT_EQ(pod.condition("AllContainersRestarting").message,
            "container exited with restart policy rule");
  ASSERT_EQ(only<pod_action::CountPodRestart>(trigger).size(), 1u);
  EXPECT_STREQ(to_string(only<pod_action::CountPodRestart>(trigger)[0].trigger), "rule");
}

TEST_F(RestartAll, RAC11_OneAfterAnotherWithoutHooksAndWithTheMinimumOfGrace) {
  PodDriver pod = running();
  const auto trigger = pod.exited(3, 88);
  EXPECT_TRUE(only<pod_action::RunHook>(trigger).empty());
  ASSERT_EQ(only<pod_action::SignalContainer>(trigger).size(), 1u);
  EXPECT_EQ(only<pod_action::SignalContainer>(trigger)[0].ref.container, 2u);  // regular first
  EXPECT_TRUE(has_event(trigger, "Killing", "killing"));
  EXPECT_TRUE(only<pod_action::KillContainer>(pod.advance(1999ms)).empty());
  EXPECT_EQ(only<pod_action::KillContainer>(pod.advance(1ms)).size(), 1u);
  const auto next = pod.exited(2, 137);
  ASSERT_EQ(only<pod_action::SignalContainer>(next).size(), 1u);
  EXPECT_EQ(only<pod_action::SignalContainer>(next)[0].ref.container, 1u);
}

TEST_F(RestartAll, RAC13_RAC14_TheSandboxIsKeptAndTheStartOrderBeginsAnew) {
  PodDriver pod = running();
  pod.exited(3, 88);
  const auto gone = stop_all(pod);
  EXPECT_EQ(starts(gone), Indices{0});  // the first restart waits for nothing
  EXPECT_TRUE(only<pod_action::RemoveSandbox>(pod.actions()).empty());
  EXPECT_EQ(pod.status().pod_ip, "10.0.0.2");
  EXPECT_FALSE(pod.condition("AllContainersRestarting").status);
  EXPECT_EQ(pod.condition("AllContainersRestarting").reason, "");
  EXPECT_TRUE(pod.condition("PodReadyToStartContainers").status);
  pod.started(0);
  EXPECT_EQ(starts(pod.exited(0, 0)), Indices{1});
  EXPECT_EQ(starts(pod.started(1)), (Indices{2, 3}));
}

TEST_F(RestartAll, RAC15_WhatHadFinishedStartsAgain) {
  Pod pod_manifest = manifest();
  pod_manifest.spec.containers[2].restart_policy = RestartPolicy::Never;
  PodDriver pod(pod_manifest);
  pod.up();
  reach_running(pod);
  pod.exited(2, 0);
  pod.exited(3, 88);
  pod.exited(1, 143);
  pod.started(0);
  pod.exited(0, 0);
  EXPECT_EQ(starts(pod.started(1)), (Indices{2, 3}));
}

TEST_F(RestartAll, RAC16_RAC17_DIF2_11_StatusesBetweenRemovalAndStart) {
  PodDriver pod = running();
  pod.exited(3, 88);
  stop_all(pod);
  EXPECT_EQ(waiting_reason(pod, "main"), "RestartingAllContainers");
  const ContainerStatus main = status_of(pod, "main");
  EXPECT_EQ(main.last_state->reason, "RestartingAllContainers");
  EXPECT_EQ(main.last_state->exit_code, 143);  // DIF-2.9: what was seen
  EXPECT_EQ(main.last_state->message,
            "The container is removed because RestartAllContainers in place");
  EXPECT_EQ(main.restart_count, 1);
  const ContainerStatus watcher = status_of(pod, "watcher");
  EXPECT_EQ(waiting_reason(pod, "watcher"), "RestartingAllContainers");
  EXPECT_EQ(watcher.last_state->reason, "Error");
  EXPECT_EQ(watcher.last_state->exit_code, 88);
  EXPECT_EQ(watcher.restart_count, 1);
  EXPECT_EQ(status_of(pod, "init").restart_count, 1);
  reach_running(pod);
  EXPECT_EQ(status_of(pod, "main").restart_count, 1);
  EXPECT_EQ(status_of(pod, "init").restart_count, 1);
}

TEST_F(RestartAll, RAC18_ReadyIsFalseInitializedStaysAndThePhaseFollowsTheInitContainers) {
  PodDriver pod = running();
  pod.exited(3, 88);
  EXPECT_FALSE(is_ready(pod.status()));
  EXPECT_TRUE(pod.condition("Initialized").status);
  EXPECT_EQ(pod.status().phase, PodPhase::Running);
  stop_all(pod);
  EXPECT_EQ(pod.status().phase, PodPhase::Pending);
  EXPECT_TRUE(pod.condition("Initialized").status);
  reach_running(pod);
  EXPECT_EQ(pod.status().phase, PodPhase::Running);
  EXPECT_TRUE(is_ready(pod.status()));
}

TEST_F(RestartAll, RAC18_APodWithoutInitContainersStaysRunning) {
  PodDriver pod(
      make_pod({make_container("main"), with_rules("watcher", RestartPolicy::Never,
                                                   {rule(Action::RestartAllContainers, {88})})}));
  pod.up();
  pod.all_started();
  pod.exited(1, 88);
  EXPECT_EQ(pod.status().phase, PodPhase::Running);
  EXPECT_EQ(starts(pod.exited(0, 143)), (Indices{0, 1}));
  EXPECT_EQ(pod.status().phase, PodPhase::Running);
}

TEST_F(RestartAll, RAC20_AnInitContainerThatThenFailsUnderNeverFailsThePod) {
  Pod pod_manifest = manifest();
  pod_manifest.spec.containers[0].restart_policy = RestartPolicy::Never;
  PodDriver pod(pod_manifest);
  pod.up();
  reach_running(pod);
  pod.exited(3, 88);
  stop_all(pod);
  pod.started(0);
  pod.exited(0, 1);
  EXPECT_EQ(pod.status().phase, PodPhase::Failed);
}

TEST_F(RestartAll, RAC21_DIF2_7_DIF2_11_ThePodBacksOffFromTheTrigger) {
  PodDriver pod = running();
  pod.exited(3, 88);
  stop_all(pod);
  reach_running(pod);
  pod.exited(3, 88);
  pod.advance(1s);
  EXPECT_EQ(starts(stop_all(pod)), Indices{});
  EXPECT_EQ(waiting_reason(pod, "watcher"), "CrashLoopBackOff");
  EXPECT_EQ(waiting_reason(pod, "main"), "RestartingAllContainers");
  EXPECT_TRUE(pod.condition("AllContainersRestarting").status);
  EXPECT_EQ(starts(pod.advance(8999ms)), Indices{});
  EXPECT_EQ(starts(pod.advance_to_wake()), Indices{0});
  EXPECT_EQ(waiting_reason(pod, "watcher"), "CrashLoopBackOff");
}

TEST_F(RestartAll, DIF2_8_ASecondMatchDuringTheRestartIsAbsorbed) {
  Pod pod_manifest = manifest();
  pod_manifest.spec.containers[2].restart_policy = RestartPolicy::Never;
  pod_manifest.spec.containers[2].restart_rules = {rule(Action::RestartAllContainers, {143})};
  PodDriver pod(pod_manifest);
  pod.up();
  reach_running(pod);
  pod.exited(3, 88);
  EXPECT_EQ(starts(stop_all(pod)), Indices{0});
  EXPECT_EQ(only<pod_action::CountPodRestart>(pod.actions()).size(), 1u);
}

TEST_F(RestartAll, RST1_DeletionDuringTheRestartTakesOverWithHooksAndGrace) {
  PodDriver pod = running();
  pod.exited(3, 88);  // main has its SIGTERM, proxy waits
  pod.send(pod_event::DeletionRequested{30s});
  const auto last = pod.exited(2, 143);
  ASSERT_EQ(only<pod_action::SignalContainer>(last).size(), 1u);
  EXPECT_TRUE(only<pod_action::KillContainer>(pod.advance(29s)).empty());
  EXPECT_EQ(only<pod_action::RemoveSandbox>(pod.exited(1, 0)).size(), 1u);
  EXPECT_EQ(only<pod_action::ForgetPod>(pod.sandbox_removed()).size(), 1u);
}

TEST_F(RestartAll, RST1_DeletionDuringTheBackOffEndsThePod) {
  PodDriver pod = running();
  pod.exited(3, 88);
  stop_all(pod);
  reach_running(pod);
  pod.exited(3, 88);
  stop_all(pod);
  EXPECT_EQ(only<pod_action::RemoveSandbox>(pod.send(pod_event::DeletionRequested{30s})).size(),
            1u);
}

TEST_F(RestartAll, SBX2_ASandboxThatDiesMeanwhileIsMadeAnew) {
  PodDriver pod = running();
  pod.exited(3, 88);
  const auto died = pod.send(pod_event::SandboxDied{0});
  EXPECT_EQ(only<pod_action::RemoveSandbox>(died).size(), 1u);
  EXPECT_EQ(only<pod_action::MakeSandbox>(pod.sandbox_removed()).size(), 1u);
  EXPECT_EQ(starts(pod.sandbox_ready()), Indices{0});
  EXPECT_EQ(only<pod_action::CountPodRestart>(pod.actions()).size(), 1u);
}

TEST_F(RestartAll, RAC10_AnInitContainersExitTriggersToo) {
  PodDriver pod(
      make_pod({with_rules("i", RestartPolicy::Never, {rule(Action::RestartAllContainers, {3})},
                           ContainerRole::Init),
                make_container("a")}));
  pod.up();
  pod.started(0);
  EXPECT_EQ(starts(pod.exited(0, 3)), Indices{0});
  EXPECT_EQ(only<pod_action::CountPodRestart>(pod.actions()).size(), 1u);
}

TEST_F(RestartAll, RAC12_KillingIsSaidOfEachThatRanAndNothingOfThePodIsForgotten) {
  PodDriver pod = running();
  pod.exited(3, 88);
  stop_all(pod);
  int killings = 0;
  for (const auto& event : only<pod_action::EmitEvent>(pod.actions()))
    if (event.reason == "Killing") {
      EXPECT_EQ(event.message, "killing");
      ++killings;
    }
  EXPECT_EQ(killings, 2);  // main and proxy; watcher and init had ended
  // Logs go with the pod, or with a sandbox: neither does.
  EXPECT_TRUE(only<pod_action::ForgetPod>(pod.actions()).empty());
  EXPECT_TRUE(only<pod_action::RemoveSandbox>(pod.actions()).empty());
}

TEST_F(RestartAll, RAC19_ProbesGoOnAndNeverRestartASecondTime) {
  Pod pod_manifest = manifest();
  pod_manifest.spec.containers[2].liveness_probe = make_probe(1, 1);
  pod_manifest.spec.containers[1].readiness_probe = make_probe(1, 1);
  PodDriver pod(pod_manifest);
  pod.up();
  reach_running(pod);
  pod.answer(1, ProbeKind::Readiness, Verdict::Success);
  pod.answer(2, ProbeKind::Liveness, Verdict::Success);
  ASSERT_TRUE(is_ready(pod.status()));
  pod.exited(3, 88);
  pod.advance(1s);  // proxy has not been stopped yet, main is on its way
  pod.answer(2, ProbeKind::Liveness, Verdict::Failure);
  pod.exited(2, 143);
  EXPECT_EQ(pod.probe(2, ProbeKind::Liveness).result, ProbeResult::Failure);  // PRB-11: it is gone
  pod.exited(1, 143);
  reach_running(pod);
  EXPECT_EQ(pod.probe(2, ProbeKind::Liveness).result, ProbeResult::Success);  // initial values
  EXPECT_EQ(pod.probe(1, ProbeKind::Readiness).result, ProbeResult::Failure);
  pod.answer(2, ProbeKind::Liveness, Verdict::Success);
  pod.answer(1, ProbeKind::Readiness, Verdict::Success);
  EXPECT_TRUE(is_ready(pod.status())) << pod.log();
  EXPECT_EQ(only<pod_action::CountPodRestart>(pod.actions()).size(), 1u);
  EXPECT_EQ(status_of(pod, "main").restart_count, 1);
}

}  // namespace
}  // namespace podvisor
