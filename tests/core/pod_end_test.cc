// Ends that are not deletions: deadline (PHS-6), eviction (VOL-3), unknown ends (PHS-7); messages.
#include <gtest/gtest.h>

#include "core/pod_driver.h"

namespace podvisor {
namespace {

using Stage = PodState::Stage;

const std::string kLate = "Pod was active on the node longer than the specified deadline";

Pod with_deadline(Seconds deadline) {
  Pod manifest = make_pod({make_container("a")});
  manifest.spec.active_deadline = deadline;
  return manifest;
}

TEST(PodEnd, PHS4_PHS6_ADeadlineKillsWithThePodsGraceAndFails) {
  PodDriver pod(with_deadline(60s));
  pod.up();
  pod.started(0);
  EXPECT_TRUE(only<pod_action::SignalContainer>(pod.advance(59s)).empty());
  const auto late = pod.advance_to_wake();
  EXPECT_EQ(only<pod_action::SignalContainer>(late).size(), 1u);
  EXPECT_TRUE(has_event(late, "DeadlineExceeded", kLate));
  EXPECT_EQ(pod.status().phase, PodPhase::Running);  // while something runs
  pod.exited(0, 0);
  EXPECT_EQ(pod.status().phase, PodPhase::Failed);
  EXPECT_EQ(pod.status().reason, "DeadlineExceeded");
  EXPECT_EQ(pod.status().message, kLate);
  pod.sandbox_removed();
  EXPECT_EQ(pod.state().stage, Stage::Ended);
  EXPECT_FALSE(pod.state().forgotten);
}

TEST(PodEnd, PHS6_TheDeadlineCountsFromTheStartAndInEveryStage) {
  PodDriver pod(with_deadline(15s));
  pod.send(pod_event::Admitted{});
  pod.send(pod_event::NodeMismatched{"elsewhere"});
  pod.advance(1h);  // it has not begun
  pod.send(pod_event::NodeMatched{});
  pod.send(pod_event::SandboxFailed{0, "no address"});
  pod.advance(10s);
  pod.send(pod_event::SandboxFailed{1, "no address"});
  EXPECT_TRUE(has_event(pod.advance_to_wake(), "DeadlineExceeded", kLate));
  EXPECT_EQ(pod.state().stage, Stage::Ended);
  EXPECT_EQ(pod.status().phase, PodPhase::Failed);
  EXPECT_EQ(wake_at(with_deadline(15s), pod.state()), std::nullopt);
}

TEST(PodEnd, PHS6_WhileASandboxIsMadeItIsRemovedAgain) {
  PodDriver pod(with_deadline(15s));
  pod.admit();
  EXPECT_EQ(only<pod_action::RemoveSandbox>(pod.advance(15s)).size(), 1u);
  pod.sandbox_removed();
  EXPECT_EQ(pod.status().phase, PodPhase::Failed);
}

TEST(PodEnd, PHS6_AFinishedPodHasNoDeadline) {
  Pod manifest = with_deadline(15s);
  manifest.spec.restart_policy = RestartPolicy::Never;
  PodDriver pod(manifest);
  pod.up();
  pod.started(0);
  pod.exited(0, 0);
  pod.advance(1h);
  EXPECT_EQ(pod.status().phase, PodPhase::Succeeded);
}

TEST(PodEnd, AFinishedPodGoesOnShowingItsAddress) {
  Pod manifest = with_deadline(15s);
  manifest.spec.restart_policy = RestartPolicy::Never;
  PodDriver pod(manifest);
  pod.up();
  pod.started(0);
  pod.exited(0, 0);
  pod.sandbox_removed();
  EXPECT_EQ(pod.state().stage, Stage::Ended);
  EXPECT_EQ(pod.status().pod_ip, "10.0.0.2");
}

TEST(PodEnd, VOL3_EVT19_AnEvictionKillsWithOneSecondAndFails) {
  const std::string why = "Usage of EmptyDir volume \"v\" exceeds the limit \"1Mi\". ";
  PodDriver pod(make_pod({make_container("a")}));
  pod.up();
  pod.started(0);
  const auto evicted = pod.send(pod_event::Evicted{why});
  EXPECT_TRUE(has_event(evicted, "Evicted", why));
  EXPECT_EQ(only<pod_action::SignalContainer>(evicted).size(), 1u);
  EXPECT_EQ(only<pod_action::KillContainer>(pod.advance(2s)).size(), 1u);  // TRM-3
  EXPECT_TRUE(pod.send(pod_event::Evicted{"again"}).empty());
  EXPECT_EQ(starts(pod.exited(0, 137)), Indices{});
  EXPECT_EQ(pod.status().phase, PodPhase::Failed);
  EXPECT_EQ(pod.status().reason, "Evicted");
  EXPECT_EQ(pod.status().message, why);
}

TEST(PodEnd, VOL3_ADeletedPodIsNotEvicted) {
  PodDriver pod(make_pod({make_container("a")}));
  pod.up();
  pod.started(0);
  pod.send(pod_event::DeletionRequested{30s});
  EXPECT_TRUE(pod.send(pod_event::Evicted{"full"}).empty());
}

TEST(PodEnd, PHS7_WhatHasNoKnownEndSaysSo) {
  Pod manifest = make_pod({make_container("a"), make_container("b")});
  PodDriver pod(manifest);
  pod.up();
  pod.started(0);
  pod.send(pod_event::ContainerStartFailed{pod.ref(1), "CreateContainerError", "no"});
  pod.send(pod_event::DeletionRequested{30s});
  pod.exited(0, 0);
  const auto* b = std::get_if<ContainerStateTerminated>(&pod.status().container_statuses[1].state);
  ASSERT_NE(b, nullptr);
  EXPECT_EQ(b->reason, "ContainerStatusUnknown");
  EXPECT_EQ(b->exit_code, 137);
  EXPECT_EQ(b->message, "The container could not be located when the pod was terminated");
  EXPECT_EQ(pod.status().phase, PodPhase::Failed);
}

TEST(PodEnd, PHS7_InitContainersThatNeverRanHaveLostNothing) {
  PodDriver pod(make_pod({make_container("i0", ContainerRole::Init),
                          make_container("i1", ContainerRole::Init), make_container("a")}));
  pod.up();
  pod.started(0);
  pod.send(pod_event::DeletionRequested{30s});
  pod.exited(0, 143);
  EXPECT_TRUE(
      std::holds_alternative<ContainerStateWaiting>(pod.status().init_container_statuses[1].state));
  EXPECT_TRUE(
      std::holds_alternative<ContainerStateWaiting>(pod.status().container_statuses[0].state));
  EXPECT_EQ(pod.status().phase, PodPhase::Failed);
}

TEST(PodEnd, CST2_ACrashLoopThatIsDeletedShowsItsLastEnd) {
  PodDriver pod(make_pod({make_container("a"), make_container("b")}));
  pod.up();
  pod.all_started();
  pod.exited(0, 1);
  pod.started(0);
  pod.exited(0, 1);
  EXPECT_TRUE(
      std::holds_alternative<ContainerStateWaiting>(pod.status().container_statuses[0].state));
  pod.send(pod_event::DeletionRequested{30s});
  EXPECT_TRUE(
      std::holds_alternative<ContainerStateTerminated>(pod.status().container_statuses[0].state));
}

TEST(PodEnd, MSG5_MessagesShareTwelveKibibytesAndAreNotCutWithinACharacter) {
  Pod manifest = make_pod({make_container("a"), make_container("b"), make_container("c"),
                           make_container("d"), make_container("e")});
  manifest.spec.restart_policy = RestartPolicy::Never;
  PodDriver pod(manifest);
  pod.up();
  pod.all_started();
  std::string message;
  for (int i = 0; i < 1365; ++i) message += "\xE2\x82\xAC";  // 4095 bytes
  pod.send(pod_event::ContainerExited{pod.ref(0), 1, 0, 0, message});
  const auto& end = std::get<ContainerStateTerminated>(pod.status().container_statuses[0].state);
  EXPECT_EQ(end.message.size(), 2457u);  // 12288 / 5 = 2457 = 819 characters of three bytes
  EXPECT_EQ(end.message, message.substr(0, 2457));
}

}  // namespace
}  // namespace podvisor
