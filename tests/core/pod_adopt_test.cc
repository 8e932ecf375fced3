// What a podvisor makes of what an earlier one left (issue: nothing is lost).
#include <gtest/gtest.h>

#include "core/pod_driver.h"

namespace podvisor {
namespace {

using Stage = PodState::Stage;
using Run = ContainerState::Run;

Pod probed_pod() {
  Container web = make_container("web");
  web.readiness_probe = make_probe(10, 3);
  return make_pod({web, make_container("cache")});
}

PodDriver ready_pod() {
  PodDriver pod(probed_pod());
  pod.up();
  pod.all_started();
  pod.answer(0, ProbeKind::Readiness, Verdict::Success);
  return pod;
}

TEST(PodAdopt, DecidesNothingBeforeTheAnswer) {
  PodDriver pod = ready_pod();
  pod.restart_podvisor();
  EXPECT_TRUE(pod.state().adopting);
  EXPECT_EQ(wake_at(probed_pod(), pod.state()), std::nullopt);
  EXPECT_TRUE(pod.advance(60s).empty());
  EXPECT_TRUE(pod.exited(1, 1).empty());  // what pause tells first waits, too
}

TEST(PodAdopt, RDY5_KeepsReadyAndItsTransitionTime) {
  PodDriver pod = ready_pod();
  const PodCondition before = pod.condition("Ready");
  ASSERT_TRUE(before.status);
  pod.restart_podvisor();
  pod.advance(30s);
  const auto actions = pod.adopted({{0, 0}, {1, 0}});
  EXPECT_EQ(pod.condition("Ready"), before);
  EXPECT_TRUE(starts(actions).empty());
  EXPECT_EQ(pod.state().stage, Stage::Up);
}

TEST(PodAdopt, ProbesGoOnWithWhatWasCounted) {
  PodDriver pod = ready_pod();
  pod.advance(10s);
  pod.answer(0, ProbeKind::Readiness, Verdict::Failure);
  pod.advance(10s);
  pod.answer(0, ProbeKind::Readiness, Verdict::Failure);
  pod.restart_podvisor();
  pod.adopted({{0, 0}, {1, 0}});
  pod.advance(10s);
  pod.answer(0, ProbeKind::Readiness, Verdict::Failure);
  EXPECT_FALSE(is_ready(pod.status())) << "the third of three";
}

TEST(PodAdopt, AnAttemptThatWasUnderWayBeginsAnew) {
  PodDriver pod = ready_pod();
  pod.advance(10s);
  ASSERT_EQ(pod.probe(0, ProbeKind::Readiness).phase, ProbeState::Phase::InFlight);
  const std::uint64_t lost = pod.probe(0, ProbeKind::Readiness).attempt_id;
  pod.restart_podvisor();
  pod.adopted({{0, 0}, {1, 0}});
  const auto begun = only<pod_action::StartAttempt>(pod.advance(0s));
  ASSERT_EQ(begun.size(), 1u);
  EXPECT_NE(begun[0].attempt_id, lost);
  EXPECT_FALSE(pod.probe(0, ProbeKind::Readiness).added) << "it counts as the lost one would have";
}

TEST(PodAdopt, AStartThatWasOnlySaidIsMadeAsTheSameInstance) {
  PodDriver pod(probed_pod());
  pod.up();
  pod.started(0);
  ASSERT_EQ(pod.container(1).run, Run::Starting);
  pod.restart_podvisor();
  const auto begun = only<pod_action::StartContainer>(pod.adopted({{0, 0}}));
  ASSERT_EQ(begun.size(), 1u);
  EXPECT_EQ(begun[0].ref, (ContainerRef{1, 0}));
  EXPECT_EQ(pod.container(1).restart_count(), 0);
}

TEST(PodAdopt, AStartThatWasMadeIsNotMadeAgain) {
  PodDriver pod(probed_pod());
  pod.up();
  pod.restart_podvisor();
  EXPECT_TRUE(starts(pod.adopted({{0, 0}, {1, 0}})).empty());
  pod.all_started();
  EXPECT_EQ(pod.container(1).run, Run::Running);
}

TEST(PodAdopt, AContainerThatIsGoneEndsAsUnknownAndRestarts) {
  PodDriver pod = ready_pod();
  pod.restart_podvisor();
  const auto begun = only<pod_action::StartContainer>(pod.adopted({{0, 0}}));
  ASSERT_EQ(begun.size(), 1u);
  EXPECT_EQ(begun[0].ref, (ContainerRef{1, 1}));
  pod.started(1);
  ASSERT_TRUE(pod.container(1).last_termination);
  EXPECT_EQ(pod.container(1).last_termination->reason, "ContainerStatusUnknown");
  EXPECT_EQ(pod.container(1).last_termination->exit_code, 137);
}

TEST(PodAdopt, AnExitMeanwhileIsAnExit) {
  PodDriver pod = ready_pod();
  pod.restart_podvisor();
  pod.adopted({{0, 0}, {1, 0}});
  pod.exited(1, 3);
  EXPECT_EQ(pod.container(1).next_instance, 2);
  EXPECT_EQ(pod.container(1).termination->exit_code, 3);
}

TEST(PodAdopt, TellsAgainWhatTheStateImplies) {
  Container web = make_container("web");
  web.lifecycle.pre_stop = ExecAction{{"/bin/true"}};
  PodDriver pod(make_pod({web, make_container("cache")}));
  pod.let_drains_take_long();
  pod.up();
  pod.all_started();
  pod.send(pod_event::DeletionRequested{Seconds{30}});
  pod.restart_podvisor();
  const auto drained = only<pod_action::DrainTraffic>(pod.adopted({{0, 0}, {1, 0}}));
  ASSERT_EQ(drained.size(), 1u);
  EXPECT_EQ(drained[0].timeout, pod.state().drain_limit);
  pod.send(pod_event::TrafficDrained{0});
  pod.restart_podvisor();
  const auto hooks = only<pod_action::RunHook>(pod.adopted({{0, 0}, {1, 0}}));
  ASSERT_EQ(hooks.size(), 1u);
  EXPECT_EQ(hooks[0].hook, HookKind::PreStop);
  pod.advance(40s);
  pod.restart_podvisor();
  EXPECT_EQ(only<pod_action::KillContainer>(pod.adopted({{0, 0}, {1, 0}})).size(), 1u);
}

TEST(PodAdopt, SBX2_ASandboxThatIsGoneIsASandboxChange) {
  PodDriver pod = ready_pod();
  pod.restart_podvisor();
  const auto actions = pod.send(pod_event::SandboxDied{0});
  EXPECT_TRUE(has_event(actions, "SandboxChanged",
                        "Pod sandbox changed, it will be killed and re-created."));
  EXPECT_EQ(only<pod_action::RemoveSandbox>(actions).size(), 1u);
  EXPECT_EQ(only<pod_action::MakeSandbox>(pod.sandbox_removed()).size(), 1u);
}

TEST(PodAdopt, ASandboxThatWasOnlySaidIsMadeAsTheSameAttempt) {
  PodDriver pod(probed_pod());
  pod.admit();
  pod.restart_podvisor();
  const auto made = only<pod_action::MakeSandbox>(pod.send(pod_event::SandboxDied{0}));
  ASSERT_EQ(made.size(), 1u);
  EXPECT_EQ(made[0].attempt, 0);
}

TEST(PodAdopt, ASandboxThatWasMadeUnheardIsUp) {
  PodDriver pod(probed_pod());
  pod.admit();
  pod.restart_podvisor();
  EXPECT_EQ(starts(pod.adopted({})), (Indices{0, 1}));
  EXPECT_EQ(pod.status().pod_ip, "10.0.0.2");
}

TEST(PodAdopt, ARemovalIsSaidAgainWhetherAnythingIsLeftOrNot) {
  for (const bool left : {true, false}) {
    PodDriver pod(make_pod({make_container("web")}));
    pod.up();
    pod.all_started();
    pod.send(pod_event::DeletionRequested{Seconds{1}});
    pod.exited(0, 0);
    ASSERT_EQ(pod.state().stage, Stage::RemovingSandbox);
    pod.restart_podvisor();
    const auto actions = left ? pod.adopted({}) : pod.send(pod_event::SandboxDied{0});
    EXPECT_EQ(only<pod_action::RemoveSandbox>(actions).size(), 1u);
    pod.sandbox_removed();
    EXPECT_TRUE(pod.state().forgotten);
  }
}

TEST(PodAdopt, AnAnswerAboutAnotherSandboxIsStale) {
  PodDriver pod = ready_pod();
  pod.restart_podvisor();
  pod.send(pod_event::SandboxAdopted{7, "10.0.0.9", {}});
  pod.send(pod_event::SandboxDied{7});
  EXPECT_TRUE(pod.state().adopting);
}

TEST(PodAdopt, WaitingPodsHaveNothingToAdopt) {
  PodDriver pod(probed_pod());
  pod.send(pod_event::Admitted{});
  pod.restart_podvisor();
  EXPECT_FALSE(pod.state().adopting);
}

TEST(PodAdopt, ALostStateCostsTheHistoryAlone) {
  PodDriver pod(make_pod({make_container("setup", ContainerRole::Init), make_container("web"),
                          make_container("cache")}));
  pod.lose_state();
  const auto actions = pod.adopted({{1, 4}, {2, 0}});
  EXPECT_TRUE(starts(actions).empty()) << "neither what runs nor what has been done";
  pod.all_started();
  EXPECT_EQ(pod.container(1).restart_count(), 4);
  EXPECT_EQ(pod.status().phase, PodPhase::Running);
  EXPECT_TRUE(pod.condition("Ready").status);
}

TEST(PodAdopt, ALostStateWithNothingLeftBeginsAnew) {
  PodDriver pod(probed_pod());
  pod.lose_state();
  const auto made = only<pod_action::MakeSandbox>(pod.send(pod_event::SandboxDied{-1}));
  ASSERT_EQ(made.size(), 1u);
  EXPECT_EQ(made[0].attempt, 0);
}

TEST(PodAdopt, ALostPodThatIsDeletedIsAdoptedFirst) {
  PodDriver pod(probed_pod());
  pod.lose_state();
  pod.send(pod_event::DeletionRequested{Seconds{1}});
  EXPECT_FALSE(pod.state().forgotten);
  pod.adopted({{0, 0}, {1, 0}});
  pod.all_started();
  pod.exited(0, 0);
  pod.exited(1, 0);
  EXPECT_EQ(pod.state().stage, Stage::RemovingSandbox);
}

TEST(PodStep, SteadyProbesLeaveNothingToWriteDown) {
  PodDriver pod = ready_pod();
  PodState state = pod.state();
  const auto lasting = [&](const PodEvent& event, Duration later) {
    const Instant now{pod.now().monotonic + later, pod.now().wall + later};
    PodStep taken = step(probed_pod(), state, event, now);
    state = taken.state;
    return taken.lasting;
  };
  const auto answer = [&](Verdict verdict, Duration later) {
    const std::uint64_t id = state.containers[0].probes[1].attempt_id;
    return lasting(pod_event::AttemptCompleted{{0, 0}, ProbeKind::Readiness, id, verdict, ""},
                   later);
  };
  EXPECT_FALSE(lasting(pod_event::Tick{}, 10s));
  EXPECT_FALSE(answer(Verdict::Success, 10s));
  EXPECT_FALSE(lasting(pod_event::Tick{}, 20s));
  EXPECT_TRUE(answer(Verdict::Failure, 20s)) << "one of three is worth remembering";
}

}  // namespace
}  // namespace podvisor
