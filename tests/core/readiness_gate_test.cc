// Readiness gates and other conditions that somebody else sets (CND-6, CND-8).
#include <gtest/gtest.h>

#include "core/pod_driver.h"

namespace podvisor {
namespace {

pod_event::ConditionSet set(std::string type, ConditionStatus status, std::string reason = "") {
  return {std::move(type), status, std::move(reason), ""};
}

class ReadinessGates : public testing::Test {
 protected:
  static PodDriver running(std::vector<std::string> gates) {
    Pod manifest = make_pod({make_container("a")});
    manifest.spec.readiness_gates = std::move(gates);
    PodDriver pod(manifest);
    pod.up();
    pod.started(0);
    return pod;
  }
};

TEST_F(ReadinessGates, CND6_AnUnsetGateKeepsThePodNotReady) {
  PodDriver pod = running({"example.com/warm"});
  EXPECT_TRUE(pod.condition("ContainersReady").status);
  EXPECT_FALSE(is_ready(pod.status()));
  EXPECT_EQ(pod.condition("Ready").reason, "ReadinessGatesNotReady");
  EXPECT_EQ(pod.condition("Ready").message,
            "corresponding condition of pod readiness gate \"example.com/warm\" does not exist.");
}

TEST_F(ReadinessGates, CND6_EveryGateThatIsNotTrueIsNamedWithItsStatus) {
  PodDriver pod = running({"a/1", "a/2", "a/3", "a/4"});
  pod.send(set("a/1", ConditionStatus::False));
  pod.send(set("a/2", ConditionStatus::Unknown));
  pod.send(set("a/4", ConditionStatus::True));
  EXPECT_EQ(pod.condition("Ready").message,
            "the status of pod readiness gate \"a/1\" is not \"True\", but False, "
            "the status of pod readiness gate \"a/2\" is not \"True\", but Unknown, "
            "corresponding condition of pod readiness gate \"a/3\" does not exist.");
}

TEST_F(ReadinessGates, CND6_ReadyFollowsTheGate) {
  PodDriver pod = running({"a/1"});
  pod.send(set("a/1", ConditionStatus::True));
  EXPECT_TRUE(is_ready(pod.status()));
  EXPECT_EQ(pod.condition("Ready").reason, "");
  pod.send(set("a/1", ConditionStatus::False));
  EXPECT_FALSE(is_ready(pod.status()));
}

TEST_F(ReadinessGates, CND6_WhileContainersAreNotReadyReadySaysThatAlone) {
  PodDriver pod = running({"a/1"});
  pod.exited(0, 1);
  EXPECT_EQ(pod.condition("Ready").reason, "ContainersNotReady");
  EXPECT_EQ(pod.condition("Ready").message, "containers with unready status: [a]");
}

TEST_F(ReadinessGates, CND8_OthersConditionsComeLastAndStayAsTheyWereSet) {
  PodDriver pod = running({});
  pod.send(set("a/1", ConditionStatus::Unknown, "Warming"));
  const WallTime at = pod.now().wall;
  EXPECT_TRUE(is_ready(pod.status()));  // no gate of that name
  pod.advance(5s);
  pod.exited(0, 1);
  pod.send(set("a/1", ConditionStatus::Unknown, "StillWarming"));
  const PodCondition& last = pod.status().conditions.back();
  EXPECT_EQ(last.type, "a/1");
  EXPECT_EQ(status_of(last), ConditionStatus::Unknown);
  EXPECT_EQ(last.reason, "StillWarming");
  EXPECT_EQ(last.last_transition_time, at);  // CND-7
}

TEST_F(ReadinessGates, CND8_PodvisorsOwnConditionsAreNobodyElses) {
  PodDriver pod = running({});
  EXPECT_TRUE(pod.send(set("Ready", ConditionStatus::False)).empty());
  EXPECT_TRUE(is_ready(pod.status()));
  EXPECT_FALSE(pod.status_changed());
}

TEST_F(ReadinessGates, CND8_TheySurviveARestartOfThePod) {
  PodDriver pod = running({"a/1"});
  pod.send(set("a/1", ConditionStatus::True));
  pod.send(pod_event::SandboxDied{0});
  pod.sandbox_removed();
  pod.sandbox_ready();
  pod.started(0);
  EXPECT_TRUE(is_ready(pod.status()));
}

}  // namespace
}  // namespace podvisor
