// Node selection (OPN): nodeSelector and nodeName against the one node that there is.
#include "podvisor/node.h"

#include <gtest/gtest.h>

#include "core/pod_driver.h"

namespace podvisor {
namespace {

const Node kNode{"alpha", {{"disk", "ssd"}, {"kubernetes.io/os", "linux"}}};
const std::string kSelector =
    "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.";
const std::string kName =
    "0/1 nodes are available: 1 node(s) didn't match the requested node name.";

TEST(Node, OPN_SelectorAndNameDecideWhereAPodMayRun) {
  struct Row {
    std::map<std::string, std::string> selector;
    std::string node_name;
    std::optional<std::string> why_not;
  };
  const Row rows[] = {
      {{}, "", std::nullopt},
      {{{"disk", "ssd"}}, "", std::nullopt},
      {{{"disk", "ssd"}, {"kubernetes.io/os", "linux"}}, "alpha", std::nullopt},
      {{{"disk", "hdd"}}, "", kSelector},
      {{{"disk", ""}}, "", kSelector},
      {{{"gpu", "yes"}, {"disk", "ssd"}}, "", kSelector},
      {{}, "beta", kName},
      {{{"gpu", "yes"}}, "beta", kName},
  };
  for (const Row& row : rows) {
    PodSpec spec;
    spec.node_selector = row.selector;
    spec.node_name = row.node_name;
    EXPECT_EQ(why_not_on(kNode, spec), row.why_not);
  }
}

TEST(Node, OPN_EveryNodeHasItsNameItsSystemAndItsMachineAsLabels) {
  const auto labels = default_labels("alpha", "x86_64");
  EXPECT_EQ(labels.at("kubernetes.io/hostname"), "alpha");
  EXPECT_EQ(labels.at("kubernetes.io/os"), "linux");
  EXPECT_EQ(labels.at("kubernetes.io/arch"), "amd64");
  EXPECT_EQ(default_labels("", "aarch64").at("kubernetes.io/arch"), "arm64");
  EXPECT_EQ(default_labels("", "armv7l").at("kubernetes.io/arch"), "arm");
  EXPECT_EQ(default_labels("", "riscv64").at("kubernetes.io/arch"), "riscv64");
}

TEST(Node, OPN_AMismatchLeavesThePodPendingAndSaysWhy) {
  PodDriver pod(make_pod({make_container("a")}));
  pod.send(pod_event::Admitted{});
  const auto told = pod.send(pod_event::NodeMismatched{kSelector});
  EXPECT_TRUE(has_event(told, "FailedScheduling", kSelector));
  EXPECT_TRUE(only<pod_action::MakeSandbox>(told).empty());
  EXPECT_EQ(pod.status().phase, PodPhase::Pending);
  EXPECT_FALSE(pod.status().start_time);
  EXPECT_FALSE(pod.condition("PodScheduled").status);
  EXPECT_EQ(pod.condition("PodScheduled").reason, "Unschedulable");
  EXPECT_EQ(pod.condition("PodScheduled").message, kSelector);
  EXPECT_EQ(wake_at(Pod{}, pod.state()), std::nullopt);
}

TEST(Node, OPN_ItStartsTheMomentTheNodeMatches) {
  PodDriver pod(make_pod({make_container("a")}));
  pod.send(pod_event::Admitted{});
  pod.send(pod_event::NodeMismatched{kSelector});
  pod.advance(1h);
  EXPECT_EQ(only<pod_action::MakeSandbox>(pod.send(pod_event::NodeMatched{})).size(), 1u);
  EXPECT_TRUE(pod.condition("PodScheduled").status);
  EXPECT_EQ(pod.condition("PodScheduled").reason, "");
  EXPECT_EQ(pod.condition("PodScheduled").last_transition_time, pod.now().wall);
  EXPECT_EQ(pod.status().start_time, pod.now().wall);
}

TEST(Node, OPN_AMismatchAfterThatChangesNothing) {
  PodDriver pod(make_pod({make_container("a")}));
  pod.up();
  pod.started(0);
  EXPECT_TRUE(pod.send(pod_event::NodeMismatched{kSelector}).empty());
  EXPECT_TRUE(pod.condition("PodScheduled").status);
  EXPECT_TRUE(is_ready(pod.status()));
}

TEST(Node, OPN_ADeletedPodThatWaitsForANodeIsForgottenAtOnce) {
  PodDriver pod(make_pod({make_container("a")}));
  pod.send(pod_event::Admitted{});
  pod.send(pod_event::NodeMismatched{kSelector});
  EXPECT_EQ(only<pod_action::ForgetPod>(pod.send(pod_event::DeletionRequested{30s})).size(), 1u);
}

TEST(Node, CND5_WithoutContainerStatusesNothingIsKnownToBeReady) {
  PodDriver pod(make_pod({make_container("i", ContainerRole::Init), make_container("a")}));
  pod.send(pod_event::Admitted{});
  pod.send(pod_event::NodeMismatched{kSelector});
  EXPECT_TRUE(pod.status().container_statuses.empty());
  EXPECT_TRUE(pod.status().init_container_statuses.empty());
  for (const char* type : {"Initialized", "Ready", "ContainersReady"}) {
    EXPECT_FALSE(pod.condition(type).status) << type;
    EXPECT_EQ(pod.condition(type).reason, "UnknownContainerStatuses") << type;
  }
}

}  // namespace
}  // namespace podvisor
