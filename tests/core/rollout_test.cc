#include <gtest/gtest.h>

#include "core/rollout_driver.h"

namespace podvisor {
namespace {

using namespace std::chrono_literals;
using namespace rollout_event;

constexpr RolloutSpec kSurge{.has_old = true, .surge = true};

RolloutSpec baking(Duration bake) {
  RolloutSpec spec = kSurge;
  spec.bake = bake;
  return spec;
}

TEST(Rollout, DIF3_5_TheNewPodFirstThenTheSwitchThenTheOldOnesEnd) {
  RolloutDriver rollout(kSurge);
  EXPECT_EQ(rollout.send(Began{}), "Starting: CreateNew");
  EXPECT_EQ(rollout.send(NewReady{}), "Checking: CheckTraffic 1");
  EXPECT_EQ(rollout.send(Checked{1, ""}), "Stopping: Switch TrafficSwitched DeleteOld");
  EXPECT_EQ(rollout.until_wake(), Duration::max());
  EXPECT_EQ(rollout.send(OldGone{}), "Done");
  EXPECT_EQ(rollout.state().reason, "Replaced");
}

TEST(Rollout, ROL4_ReadyMeansReadyWithoutABreakForMinReadySeconds) {
  RolloutSpec spec = kSurge;
  spec.min_ready = 10s;
  RolloutDriver rollout(spec);
  rollout.send(Began{});
  EXPECT_EQ(rollout.send(NewReady{}), "Gating");
  EXPECT_EQ(rollout.until_wake(), 10s);
  EXPECT_EQ(rollout.advance(9s), "Gating");
  EXPECT_EQ(rollout.send(NewNotReady{}), "Starting");
  EXPECT_EQ(rollout.send(NewReady{}), "Gating");
  EXPECT_EQ(rollout.advance(9s), "Gating");
  EXPECT_EQ(rollout.advance(1s), "Checking: CheckTraffic 1");
}

TEST(Rollout, ROL5_NotReadyInTimeTheNewOneGoesAndTheOldOneNeverNoticed) {
  RolloutDriver rollout(kSurge);
  rollout.send(Began{});
  rollout.send(NewTroubled{"Readiness probe failed: HTTP probe failed with statuscode: 503"});
  EXPECT_EQ(rollout.until_wake(), 600s);
  EXPECT_EQ(rollout.advance(599s), "Starting");
  EXPECT_EQ(rollout.advance(1s), "Failed: DeleteNew RolloutFailed");
  EXPECT_EQ(rollout.state().reason, "ProgressDeadlineExceeded");
  EXPECT_EQ(rollout.state().message,
            "the new pod was not Ready in 600s: Readiness probe failed: HTTP probe failed with "
            "statuscode: 503");
  EXPECT_EQ(rollout.send(NewReady{}), "Failed") << "nothing follows the end";
}

TEST(Rollout, ACheckThatFailsIsTriedAgainAndSaidInTheEnd) {
  RolloutDriver rollout(kSurge);
  rollout.send(Began{});
  rollout.send(NewReady{});
  EXPECT_EQ(rollout.send(Checked{1, "connection refused"}), "Gating: TrafficCheckFailed");
  EXPECT_EQ(rollout.until_wake(), 1s);
  EXPECT_EQ(rollout.advance(1s), "Checking: CheckTraffic 2");
  EXPECT_EQ(rollout.send(Checked{1, ""}), "Checking") << "an answer to an older question";
  EXPECT_EQ(rollout.advance(600s), "Failed: DeleteNew RolloutFailed");
  EXPECT_NE(rollout.state().message.find("connection refused"), std::string::npos);
}

TEST(Rollout, AnAnswerThatComesWhenThePodIsNotReadyAnyMoreIsStale) {
  RolloutDriver rollout(kSurge);
  rollout.send(Began{});
  rollout.send(NewReady{});
  EXPECT_EQ(rollout.send(NewNotReady{}), "Starting");
  EXPECT_EQ(rollout.send(Checked{1, ""}), "Starting");
  EXPECT_EQ(rollout.send(NewReady{}), "Checking: CheckTraffic 2");
}

TEST(Rollout, ABakeKeepsTheOldPodAndEndsWithIt) {
  RolloutDriver rollout(baking(10s));
  rollout.send(Began{});
  rollout.send(NewReady{});
  EXPECT_EQ(rollout.send(Checked{1, ""}), "Baking: Switch TrafficSwitched");
  EXPECT_EQ(rollout.until_wake(), 10s);
  EXPECT_EQ(rollout.advance(10s), "Stopping: DeleteOld");
  EXPECT_EQ(rollout.send(NewNotReady{}), "Stopping") << "the window is over";
}

TEST(Rollout, FailedWithinTheBakeTrafficGoesBackInOneStep) {
  RolloutDriver rollout(baking(10s));
  rollout.send(Began{});
  rollout.send(NewReady{});
  rollout.send(Checked{1, ""});
  rollout.send(NewTroubled{"Liveness probe failed: EOF"});
  EXPECT_EQ(rollout.send(NewNotReady{}), "Failed: SwitchBack DeleteNew RolledBack");
  EXPECT_EQ(rollout.state().message,
            "the new pod failed within its bake time: it is not Ready any more: Liveness probe "
            "failed: EOF");
}

TEST(Rollout, UndoneBringsTheOldOneBackWhileItIsThere) {
  struct Row {
    const char* until;
    const char* said;
  };
  for (const Row& row : {Row{"starting", "Failed: DeleteNew RolloutUndone"},
                         Row{"checking", "Failed: DeleteNew RolloutUndone"},
                         Row{"baking", "Failed: SwitchBack DeleteNew RolledBack"}}) {
    RolloutDriver rollout(baking(10s));
    rollout.send(Began{});
    const std::string until = row.until;
    if (until != "starting") rollout.send(NewReady{});
    if (until == "baking") rollout.send(Checked{1, ""});
    EXPECT_TRUE(can_go_back(rollout.spec(), rollout.state())) << until;
    EXPECT_EQ(rollout.send(Undone{}), row.said) << until;
  }
  RolloutDriver late(kSurge);
  late.send(Began{});
  late.send(NewReady{});
  late.send(Checked{1, ""});
  EXPECT_FALSE(can_go_back(late.spec(), late.state()));
  EXPECT_EQ(late.send(Undone{}), "Stopping");
}

TEST(Rollout, ANewerRevisionEndsItAtOnce) {
  RolloutDriver before(kSurge);
  before.send(Began{});
  EXPECT_EQ(before.send(Superseded{}), "Failed: DeleteNew RolloutSuperseded");
  RolloutDriver bakes(baking(10s));
  bakes.send(Began{});
  bakes.send(NewReady{});
  bakes.send(Checked{1, ""});
  EXPECT_EQ(bakes.send(Superseded{}), "Done: DeleteOld");
  RolloutDriver empties({.has_old = true});
  empties.send(Began{});
  EXPECT_EQ(empties.send(Superseded{}), "Failed");
}

TEST(Rollout, PausedNothingIsDecidedAndNoTimeRuns) {
  RolloutDriver rollout(baking(10s));
  rollout.send(Began{});
  rollout.advance(500s);
  rollout.send(Paused{});
  EXPECT_EQ(rollout.until_wake(), Duration::max());
  EXPECT_EQ(rollout.advance(3600s), "Starting");
  EXPECT_EQ(rollout.send(NewReady{}), "Starting");
  EXPECT_EQ(rollout.send(Resumed{}), "Checking: CheckTraffic 1");
  EXPECT_EQ(rollout.until_wake(), 100s);
  rollout.send(Paused{});
  EXPECT_EQ(rollout.send(Checked{1, ""}), "Gating") << "no switch while paused";
  EXPECT_EQ(rollout.send(Resumed{}), "Checking: CheckTraffic 2");
  rollout.send(Checked{2, ""});
  rollout.send(Paused{});
  EXPECT_EQ(rollout.advance(60s), "Baking");
  EXPECT_EQ(rollout.send(NewNotReady{}), "Failed: SwitchBack DeleteNew RolledBack")
      << "traffic does not wait for anybody to resume";
}

TEST(Rollout, WhoseOldPodWasDeletedTakesItsNameAtOnce) {
  RolloutDriver rollout(kSurge);
  rollout.send(Began{});
  EXPECT_EQ(rollout.send(OldGone{}), "Starting: Switch");
  EXPECT_EQ(rollout.send(NewReady{}), "Done");
  RolloutDriver late(kSurge);
  late.send(Began{});
  late.send(OldGone{});
  EXPECT_EQ(late.advance(600s), "Failed: RolloutFailed") << "there is nothing to go back to";
}

TEST(Rollout, RecreateStopsTheOldOneFirst) {
  RolloutDriver rollout({.has_old = true});
  EXPECT_EQ(rollout.send(Began{}), "Emptying: DeleteOld");
  EXPECT_EQ(rollout.until_wake(), Duration::max());
  EXPECT_EQ(rollout.advance(700s), "Emptying") << "the deadline is the new pod's";
  EXPECT_EQ(rollout.send(OldGone{}), "Starting: CreateNew");
  EXPECT_EQ(rollout.until_wake(), 600s);
  EXPECT_EQ(rollout.send(NewReady{}), "Done");
  EXPECT_EQ(rollout.state().reason, "Replaced");
}

TEST(Rollout, TheFirstPodOfItsNameIsMadeAndAwaited) {
  RolloutDriver rollout(RolloutSpec{});
  EXPECT_EQ(rollout.send(Began{}), "Starting: CreateNew");
  EXPECT_EQ(rollout.send(NewReady{}), "Done");
  EXPECT_EQ(rollout.state().reason, "Ready");
  RolloutDriver failed(RolloutSpec{});
  failed.send(Began{});
  EXPECT_EQ(failed.advance(600s), "Failed: RolloutFailed");
}

TEST(Rollout, DIF2_4_AReplacementIsDroppedWhenTheOldPodIsWholeAgain) {
  RolloutSpec spec = kSurge;
  spec.restart = true;
  RolloutDriver rollout(spec);
  rollout.send(Began{});
  EXPECT_EQ(rollout.send(OldReady{}), "Failed: DeleteNew RolloutNotNeeded");
  EXPECT_EQ(rollout.state().reason, "NotNeeded");
  RolloutDriver revision(kSurge);
  revision.send(Began{});
  EXPECT_EQ(revision.send(OldReady{}), "Starting") << "a new revision is wanted all the same";
}

TEST(Rollout, DIF2_5_AReplacementThatCannotBeStartedFailsAtOnce) {
  RolloutSpec spec = kSurge;
  spec.restart = true;
  RolloutDriver rollout(spec);
  rollout.send(Began{});
  EXPECT_EQ(rollout.send(NewTroubled{"Readiness probe failed: 503"}), "Starting");
  EXPECT_EQ(rollout.send(NewTroubled{"no space left on device", true}),
            "Failed: DeleteNew RolloutFailed");
  EXPECT_EQ(rollout.state().reason, "ReplacementNotStarted");
  RolloutDriver revision(kSurge);
  revision.send(Began{});
  EXPECT_EQ(revision.send(NewTroubled{"ErrImagePull", true}), "Starting") << "it may come yet";
}

TEST(Rollout, ProgressSaysWhatIsWaitedForAndWhatSpokeAgainstIt) {
  RolloutDriver rollout(kSurge);
  rollout.send(Began{});
  rollout.send(NewTroubled{"Readiness probe failed: 503"});
  EXPECT_EQ(progress(rollout.spec(), rollout.state()),
            "waiting for the new pod to be Ready: Readiness probe failed: 503");
  rollout.advance(600s);
  EXPECT_EQ(progress(rollout.spec(), rollout.state()),
            "failed: ProgressDeadlineExceeded: the new pod was not Ready in 600s: Readiness probe "
            "failed: 503");
}

}  // namespace
}  // namespace podvisor
