#include "daemon/rollouts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/supervisor_fixture.h"

namespace podvisor {
namespace {

using Stage = RolloutState::Stage;
using testing::Contains;
using testing::HasSubstr;

class HeldCheck final : public TrafficCheck {
 public:
  void check(const Pod& pod, Done done) override {
    asked.push_back(pod.metadata.uid);
    answers.push_back(std::move(done));
  }
  std::vector<PodUid> asked;
  std::vector<Done> answers;
};

/// main with a readiness probe that a test answers.
Pod probed(const std::string& document) {
  Pod pod = one_container("web", document);
  pod.spec.containers[0].readiness_probe = Probe{};
  return pod;
}

class RolloutsTest : public SupervisorTest {
 protected:
  RolloutsTest() {
    prober_.on_attempt = [this](const Pod& pod, const pod_action::StartAttempt& attempt) {
      attempts_[pod.metadata.uid] = attempt;
    };
  }
  /// The readiness probe of the pod was answered.
  void answer(const PodUid& pod, bool ready, const std::string& output = "") {
    for (int i = 0; i < 3 && attempts_.contains(pod); ++i) {
      const pod_action::StartAttempt attempt = attempts_.extract(pod).mapped();
      supervisor_.post(
          pod, pod_event::AttemptCompleted{attempt.ref, attempt.kind, attempt.attempt_id,
                                           ready ? Verdict::Success : Verdict::Failure, output});
    }
  }
  PodUid beside() {
    return store_.beside().empty() ? "" : store_.beside().begin()->second.pod->metadata.uid;
  }
  RolloutView view() { return supervisor_.rollouts().view("default", "web").value(); }
  Rollouts& rollouts() { return supervisor_.rollouts(); }
  std::string document() { return store_.find_pod("default", "web")->pod->document; }
  /// The uid of a Ready pod whose sidecar has just been OOM-killed.
  PodUid after_a_sidecars_oom() {
    Pod pod = probed("v1");
    pod.spec.containers.push_back(pod.spec.containers[0]);
    pod.spec.containers[1].name = "sidecar";
    pod.spec.containers[0].readiness_probe.reset();
    supervisor_.apply(pod);
    const PodUid old = uid("web");
    answer(old, true);
    supervisor_.post(old, pod_event::ContainerExited{{1, 0}, 137, 9, 1, ""});
    return old;
  }
  /// web v1, Ready.
  PodUid v1() {
    supervisor_.apply(probed("v1"));
    answer(uid("web"), true);
    EXPECT_EQ(view().stage, Stage::Done);
    return uid("web");
  }
  std::vector<std::string> events() {
    std::vector<std::string> all;
    for (const EventObject& event : store_.events())
      all.push_back(event.reason + " " + event.message);
    return all;
  }

  std::map<PodUid, pod_action::StartAttempt> attempts_;
};

TEST_F(RolloutsTest, DIF3_5_TheNewPodStandsBesideUntilItIsReadyAndThenTakesTheName) {
  const PodUid old = v1();
  supervisor_.apply(probed("v2"));
  EXPECT_EQ(uid("web"), old);
  const PodUid incoming = beside();
  ASSERT_NE(incoming, "");
  EXPECT_TRUE(gets_traffic(*store_.find_pod("default", "web")));
  answer(incoming, true);
  EXPECT_EQ(uid("web"), incoming);
  EXPECT_EQ(view().stage, Stage::Stopping);
  EXPECT_TRUE(store_.beside().at(old).deletion_timestamp);
  exit_main(old);
  EXPECT_EQ(view().stage, Stage::Done);
  EXPECT_TRUE(store_.beside().empty());
  EXPECT_EQ(view().revision, 2);
}

TEST_F(RolloutsTest, DIF3_1_TheOldPodHasTheTrafficUntilTheVeryStepInWhichTheNewOneGetsIt) {
  v1();
  bool always = true;
  store_.watch_instances([&](ChangeType, const PodObject&) {
    const PodObject* listed = store_.find_pod("default", "web");
    always = always && listed != nullptr && gets_traffic(*listed);
  });
  supervisor_.apply(probed("v2"));
  answer(beside(), true);
  EXPECT_TRUE(always);
  EXPECT_EQ(document(), "v2");
}

TEST_F(RolloutsTest, TheCheckHasTheLastWord) {
  HeldCheck check;
  rollouts().check_with(check);
  const PodUid old = v1();
  supervisor_.apply(probed("v2"));
  const PodUid incoming = beside();
  answer(incoming, true);
  ASSERT_THAT(check.asked, testing::ElementsAre(incoming));
  EXPECT_EQ(uid("web"), old);
  check.answers[0]("connection refused");
  EXPECT_EQ(view().stage, Stage::Gating);
  EXPECT_THAT(events(), Contains(HasSubstr("connection refused")));
  check.answers[0]("");
  EXPECT_EQ(uid("web"), old) << "answered once already";
}

TEST_F(RolloutsTest, UndoneBeforeTheSwitchTheOldPodNeverNoticed) {
  const PodUid old = v1();
  supervisor_.apply(probed("v2"));
  const PodUid incoming = beside();
  answer(incoming, false, "HTTP probe failed with statuscode: 503");
  EXPECT_THAT(view().progress, HasSubstr("container main: Readiness probe failed: HTTP probe "
                                         "failed with statuscode: 503"));
  ASSERT_TRUE(rollouts().undo("default", "web", 0));
  EXPECT_EQ(view().stage, Stage::Failed);
  EXPECT_TRUE(store_.beside().at(incoming).deletion_timestamp);
  EXPECT_FALSE(store_.find_pod("default", "web")->deletion_timestamp);
  exit_main(incoming);
  EXPECT_TRUE(store_.beside().empty());
  EXPECT_EQ(uid("web"), old);
}

TEST_F(RolloutsTest, FailedWithinTheBakeTrafficIsBackAtTheOldPod) {
  const PodUid old = v1();
  Pod next = probed("v2");
  next.spec.policy.rollout.bake = std::chrono::seconds(60);
  supervisor_.apply(next);
  const PodUid incoming = beside();
  answer(incoming, true);
  EXPECT_EQ(view().stage, Stage::Baking);
  EXPECT_EQ(uid("web"), incoming);
  EXPECT_FALSE(store_.beside().at(old).deletion_timestamp);
  exit_main(incoming);  // it restarts, and is not Ready meanwhile
  EXPECT_EQ(view().stage, Stage::Failed);
  EXPECT_EQ(uid("web"), old);
  EXPECT_TRUE(gets_traffic(*store_.find_pod("default", "web")));
  EXPECT_THAT(events(), Contains(HasSubstr("RolledBack")));
}

TEST_F(RolloutsTest, UndoAfterwardsIsARolloutOfTheRevisionBefore) {
  v1();
  supervisor_.apply(probed("v2"));
  answer(beside(), true);
  ASSERT_TRUE(rollouts().undo("default", "web", 0));
  const auto found = std::ranges::find_if(store_.beside(), [](const auto& each) {
    return each.second.pod->document == "v1" && !each.second.deletion_timestamp;
  });
  ASSERT_NE(found, store_.beside().end());
  answer(found->first, true);
  EXPECT_EQ(document(), "v1");
  EXPECT_EQ(view().revision, 3);
  const Status again = rollouts().undo("default", "web", 3);
  ASSERT_FALSE(again);
  EXPECT_THAT(again.error().message, HasSubstr("of revision 3 already"));
  EXPECT_THAT(rollouts().undo("default", "web", 9).error().message,
              HasSubstr("unable to find specified revision 9 in history"));
}

TEST_F(RolloutsTest, WhatIsThereAlreadyChangesNothing) {
  const PodUid old = v1();
  supervisor_.apply(probed("v1"));
  EXPECT_TRUE(store_.beside().empty());
  EXPECT_EQ(uid("web"), old);
  EXPECT_EQ(view().revision, 1);
}

TEST_F(RolloutsTest, ANewerRevisionTakesThePlaceOfOneUnderWay) {
  v1();
  supervisor_.apply(probed("v2"));
  const PodUid second = beside();
  supervisor_.apply(probed("v3"));
  EXPECT_TRUE(store_.beside().at(second).deletion_timestamp);
  EXPECT_EQ(store_.beside().size(), 2U);
  exit_main(second);
  answer(beside(), true);
  EXPECT_EQ(document(), "v3");
}

TEST_F(RolloutsTest, PausedNothingIsSwitchedAndWhatIsAppliedWaits) {
  v1();
  ASSERT_TRUE(rollouts().pause("default", "web"));
  EXPECT_FALSE(rollouts().pause("default", "web"));
  supervisor_.apply(probed("v2"));
  EXPECT_TRUE(store_.beside().empty());
  EXPECT_THAT(rollouts().undo("default", "web", 0).error().message, HasSubstr("resume it first"));
  ASSERT_TRUE(rollouts().resume("default", "web"));
  ASSERT_TRUE(rollouts().pause("default", "web"));
  answer(beside(), true);
  EXPECT_EQ(document(), "v1");
  ASSERT_TRUE(rollouts().resume("default", "web"));
  EXPECT_EQ(document(), "v2");
}

TEST_F(RolloutsTest, DeletingTheNameDeletesWhatIsBesideToo) {
  const PodUid old = v1();
  supervisor_.apply(probed("v2"));
  const PodUid incoming = beside();
  ASSERT_TRUE(supervisor_.delete_pod("default", "web", std::nullopt));
  exit_main(incoming);
  exit_main(old);
  EXPECT_TRUE(supervisor_.empty());
  EXPECT_FALSE(rollouts().view("default", "web"));
}

TEST_F(RolloutsTest, DIF2_4_ASidecarsOomBringsAReplacementThatTakesTheName) {
  const PodUid old = after_a_sidecars_oom();
  const PodUid incoming = beside();
  ASSERT_NE(incoming, "");
  EXPECT_EQ(uid("web"), old);
  EXPECT_TRUE(view().restart);
  answer(incoming, true);
  EXPECT_EQ(uid("web"), incoming);
  EXPECT_TRUE(store_.beside().at(old).deletion_timestamp);
  EXPECT_EQ(view().revision, 1) << "no new revision";
}

TEST_F(RolloutsTest, DIF2_4_TheReplacementIsDroppedWhenThePodIsWholeBefore) {
  const PodUid old = after_a_sidecars_oom();
  const PodUid incoming = beside();
  answer(old, true);
  EXPECT_EQ(view().reason, "NotNeeded");
  EXPECT_TRUE(store_.beside().at(incoming).deletion_timestamp);
  EXPECT_TRUE(gets_traffic(*store_.find_pod("default", "web")));
}

TEST_F(RolloutsTest, DIF2_5_WithoutRoomItIsRecreate) {
  supervisor_.ask_for_room([](const Pod&) { return std::string("no memory for a second one"); });
  Pod pod = one_container("web");
  pod.spec.containers.push_back(pod.spec.containers[0]);
  pod.spec.containers[1].name = "sidecar";
  supervisor_.apply(pod);
  const PodUid old = uid("web");
  runtime_.on_start = nullptr;
  supervisor_.post(old, pod_event::ContainerExited{{1, 0}, 137, 9, 1, ""});
  EXPECT_TRUE(store_.beside().empty());
  EXPECT_THAT(events(), Contains(HasSubstr("(Recreate: no memory for a second one)")));
}

TEST_F(RolloutsTest, AChangedConfigMapThatIsEnvironmentIsRolledOutOnce) {
  Pod pod = one_container("web");
  pod.spec.containers[0].env_from.push_back({.prefix = "", .name = "settings"});
  supervisor_.apply(pod);
  const PodUid old = uid("web");
  for (const char* name : {"settings", "other", "settings"}) {
    supervisor_.config_changing(ConfigKind::ConfigMap, "default", name);
    supervisor_.config_changed(ConfigKind::ConfigMap, "default", name);
  }
  EXPECT_EQ(uid("web"), old);
  loop_.run_until([&] { return uid("web") != old; }, std::chrono::seconds(10));
  EXPECT_NE(uid("web"), old);
  EXPECT_EQ(store_.beside().size(), 1U);
  EXPECT_EQ(view().revision, 1);
}

TEST_F(RolloutsTest, WhoeverWatchesIsTold) {
  std::vector<std::string> told;
  const auto id = rollouts().watch([&](const std::string&, const std::string& name) {
    const auto now = rollouts().view("default", name);
    told.push_back(now ? to_string(now->stage) : "gone");
  });
  v1();
  EXPECT_THAT(told, testing::ElementsAre("Starting", "Done"));
  rollouts().unwatch(id);
  supervisor_.apply(probed("v2"));
  EXPECT_EQ(told.size(), 2U);
}

}  // namespace
}  // namespace podvisor
