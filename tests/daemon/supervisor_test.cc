#include "daemon/supervisor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/supervisor_fixture.h"

namespace podvisor {
namespace {

using testing::ElementsAre;

Pod recreated(const std::string& name, const std::string& document) {
  Pod pod = one_container(name, document);
  pod.spec.policy.rollout.recreate = true;
  return pod;
}

TEST_F(SupervisorTest, AnswersGivenWithinAnActionAreTakenAfterIt) {
  supervisor_.apply(one_container("web"));
  EXPECT_THAT(runtime_.asked, ElementsAre("make_sandbox 0", "start main 0"));
  EXPECT_THAT(observer_.seen, ElementsAre("Admitted", "NodeMatched", "SandboxReady{0 ip=10.0.0.2}",
                                          "ContainerStarted{main#0 pid=42}"));
  EXPECT_TRUE(is_ready(store_.find_pod("default", "web")->status));
}

TEST_F(SupervisorTest, EventsCarryTheObjectsReferenceAndFieldPath) {
  supervisor_.apply(one_container("web"));
  ASSERT_FALSE(store_.events().empty());
  const EventObject& started = store_.events().back();
  EXPECT_EQ(started.reason, "Started");
  EXPECT_EQ(started.involved_name, "web");
  EXPECT_EQ(started.involved_uid, uid("web"));
  EXPECT_EQ(started.field_path, "spec.containers{main}");
}

TEST_F(SupervisorTest, OPN_APodThatDoesNotMatchWaitsForALabelThatMakesItMatch) {
  supervisor_.set_node({"alpha", {}});
  Pod pod = one_container("web");
  pod.spec.node_selector = {{"disk", "ssd"}};
  supervisor_.apply(pod);
  EXPECT_TRUE(runtime_.asked.empty());
  EXPECT_EQ(store_.events().back().reason, "FailedScheduling");
  supervisor_.set_node({"alpha", {{"disk", "hdd"}}});
  EXPECT_TRUE(runtime_.asked.empty());
  supervisor_.set_node({"alpha", {{"disk", "ssd"}}});
  EXPECT_THAT(runtime_.asked, ElementsAre("make_sandbox 0", "start main 0"));
  supervisor_.set_node({"alpha", {}});
  EXPECT_TRUE(is_ready(store_.find_pod("default", "web")->status));
}

TEST_F(SupervisorTest, DeletingStopsThenForgets) {
  supervisor_.apply(one_container("web"));
  const PodUid pod = uid("web");
  ASSERT_TRUE(supervisor_.delete_pod("default", "web", Seconds{5}));
  EXPECT_TRUE(store_.find_pod("default", "web")->deletion_timestamp);
  exit_main(pod);
  EXPECT_EQ(store_.find_pod("default", "web"), nullptr);
  EXPECT_TRUE(supervisor_.empty());
  EXPECT_THAT(runtime_.asked, ElementsAre("make_sandbox 0", "start main 0", "signal 15 0",
                                          "remove_sandbox 0", "forget 0"));
}

TEST_F(SupervisorTest, DeletingAnUnknownPodSaysSo) {
  const Status status = supervisor_.delete_pod("default", "nope", std::nullopt);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().message, "pods \"nope\" not found");
}

TEST_F(SupervisorTest, APodOfTheSameNameIsReplacedOnceTheOldOneIsGone) {
  supervisor_.apply(recreated("web", "v1"));
  const PodUid old = uid("web");
  supervisor_.apply(recreated("web", "v2"));
  EXPECT_EQ(uid("web"), old);
  exit_main(old);
  EXPECT_NE(uid("web"), old);
  EXPECT_EQ(store_.find_pod("default", "web")->pod->document, "v2");
}

TEST_F(SupervisorTest, OfSeveralReplacementsTheLastWins) {
  supervisor_.apply(recreated("web", "v1"));
  const PodUid old = uid("web");
  supervisor_.apply(recreated("web", "v2"));
  supervisor_.apply(recreated("web", "v3"));
  exit_main(old);
  EXPECT_EQ(store_.find_pod("default", "web")->pod->document, "v3");
}

TEST_F(SupervisorTest, DeletionCancelsAReplacement) {
  supervisor_.apply(recreated("web", "v1"));
  const PodUid old = uid("web");
  supervisor_.apply(recreated("web", "v2"));
  ASSERT_TRUE(supervisor_.delete_pod("default", "web", std::nullopt));
  exit_main(old);
  EXPECT_TRUE(supervisor_.empty());
}

TEST_F(SupervisorTest, StoppingAllLetsNothingNewIn) {
  supervisor_.apply(one_container("a"));
  supervisor_.apply(one_container("b"));
  const PodUid a = uid("a");
  const PodUid b = uid("b");
  int settled = 0;
  supervisor_.on_settled([&] { ++settled; });
  supervisor_.stop_all(std::nullopt);
  supervisor_.apply(one_container("c"));
  exit_main(a);
  exit_main(b);
  EXPECT_TRUE(supervisor_.empty());
  EXPECT_GE(settled, 2);
}

TEST_F(SupervisorTest, AnEventForAPodThatIsGoneIsDropped) {
  supervisor_.post("nobody", pod_event::Tick{});
  EXPECT_TRUE(observer_.seen.empty());
}

TEST_F(SupervisorTest, TheTimerBringsThePodsNextTick) {
  Pod pod = one_container("web");
  pod.spec.policy.backoff.initial = std::chrono::milliseconds(5);
  supervisor_.apply(pod);
  exit_main(uid("web"), 0);  // restarts at once
  exit_main(uid("web"), 1);  // waits 5 ms
  EXPECT_EQ(runtime_.asked.back(), "start main 1");
  runtime_.on_start = [this](const Pod&, ContainerRef) { loop_.stop(); };
  loop_.run();
  EXPECT_EQ(runtime_.asked.back(), "start main 2");
}

}  // namespace
}  // namespace podvisor
