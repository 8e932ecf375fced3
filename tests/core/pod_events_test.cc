// The events that a pod's life is read from (EVT), in Kubernetes' words: one row for each of those
// that no other test is named after.
#include <gtest/gtest.h>

#include "core/pod_driver.h"

namespace podvisor {
namespace {

/// Of a pod with one container "app", with this event after its sandbox came up.
std::vector<PodAction> start_failed(const std::string& reason, const std::string& message) {
  Container app = make_container("app");
  app.image = "app:1";
  PodDriver pod(make_pod({app}));
  pod.up();
  return pod.send(pod_event::ContainerStartFailed{pod.ref(0), reason, message});
}

TEST(PodEvents, EVT3_WhatCouldNotBeStarted) {
  EXPECT_TRUE(has_event(start_failed("ErrImagePull", "no route"), "Failed",
                        "Failed to pull image \"app:1\": no route"));
  EXPECT_TRUE(has_event(start_failed("ErrImagePull", "no route"), "Failed", "Error: ErrImagePull"));
  EXPECT_TRUE(has_event(start_failed("CreateContainerConfigError", "configmap \"a\" not found"),
                        "Failed", "Error: configmap \"a\" not found"));
}

TEST(PodEvents, EVT4_ThePullBacksOff) {
  Container app = make_container("app");
  app.image = "app:1";
  PodDriver pod(make_pod({app}));
  pod.up();
  pod.send(pod_event::ContainerStartFailed{pod.ref(0), "ErrImagePull", "no route"});
  const auto later = pod.advance_to_wake();
  EXPECT_TRUE(has_event(later, "BackOff", "Back-off pulling image \"app:1\""));
  EXPECT_TRUE(has_event(later, "Failed", "Error: ImagePullBackOff"));
}

TEST(PodEvents, EVT5_EVT6_ImagesThatAreNotThereOrNotUnderstood) {
  EXPECT_TRUE(has_event(start_failed("ErrImageNeverPull", ""), "ErrImageNeverPull",
                        "Container image \"app:1\" is not present with pull policy of Never"));
  const std::string why = "Failed to inspect image \"app:1\": not a manifest";
  EXPECT_TRUE(has_event(start_failed("ImageInspectError", why), "InspectFailed", why));
}

TEST(PodEvents, EVT7_EVT8_CreatedAndStarted) {
  PodDriver pod(make_pod({make_container("app")}));
  pod.up();
  const auto started = only<pod_action::EmitEvent>(pod.started(0));
  ASSERT_EQ(started.size(), 2u);
  EXPECT_EQ(started[0].reason + ": " + started[0].message, "Created: Container created");
  EXPECT_EQ(started[1].reason + ": " + started[1].message, "Started: Container started");
  EXPECT_FALSE(started[1].warning);
  EXPECT_EQ(started[1].container, 0u);
}

TEST(PodEvents, EVT9_WhatIsKilled) {
  PodDriver pod(make_pod({make_container("app")}));
  pod.up();
  pod.started(0);
  EXPECT_TRUE(
      has_event(pod.send(pod_event::DeletionRequested{}), "Killing", "Stopping container app"));
}

TEST(PodEvents, EVT10_ARestartBacksOff) {
  PodDriver pod(make_pod({make_container("app")}));
  pod.up();
  pod.started(0);
  pod.exited(0, 1);
  pod.started(0);  // the first restart is at once
  EXPECT_TRUE(has_event(pod.exited(0, 1), "BackOff",
                        "Back-off restarting failed container app in pod web_default(u1)"))
      << pod.log();
}

TEST(PodEvents, EVT13_HooksThatFail) {
  Container app = make_container("app");
  app.lifecycle.post_start = ExecAction{{"/bin/false"}};
  app.lifecycle.pre_stop = ExecAction{{"/bin/false"}};
  PodDriver pod(make_pod({app}));
  pod.up();
  pod.started(0);
  const auto failed =
      pod.send(pod_event::HookCompleted{pod.ref(0), HookKind::PostStart, false, ""});
  EXPECT_TRUE(has_event(failed, "FailedPostStartHook", "PostStartHook failed"));
  EXPECT_TRUE(has_event(failed, "Killing", "FailedPostStartHook"));
  const auto stopping =
      pod.send(pod_event::HookCompleted{pod.ref(0), HookKind::PreStop, false, ""});
  EXPECT_TRUE(has_event(stopping, "FailedPreStopHook", "PreStopHook failed")) << pod.log();
}

TEST(PodEvents, EVT15_EVT16_EVT17_TheSandbox) {
  PodDriver pod(make_pod({make_container("app")}));
  pod.admit();
  const int first = pod.state().sandbox_attempt;
  EXPECT_TRUE(has_event(pod.send(pod_event::SandboxFailed{first, "no address is free"}),
                        "FailedCreatePodSandBox",
                        "Failed to create pod sandbox: no address is free"));
  pod.sandbox_removed();
  pod.advance_to_wake();
  const std::string why = "MountVolume.SetUp failed for volume \"v\" : gone";
  EXPECT_TRUE(
      has_event(pod.send(pod_event::SandboxFailed{pod.state().sandbox_attempt, why, "FailedMount"}),
                "FailedMount", why))
      << pod.log();
  pod.sandbox_removed();
  pod.advance_to_wake();
  pod.sandbox_ready();
  EXPECT_TRUE(has_event(pod.send(pod_event::SandboxDied{pod.state().sandbox_attempt}),
                        "SandboxChanged", "Pod sandbox changed, it will be killed and re-created."))
      << pod.log();
}

TEST(PodEvents, EVT21_TheKindOfAProbeInItsEvent) {
  for (const auto& [kind, word] : {std::pair{ProbeKind::Startup, "Startup"},
                                   {ProbeKind::Readiness, "Readiness"},
                                   {ProbeKind::Liveness, "Liveness"}}) {
    Container app = make_container("app");
    (kind == ProbeKind::Startup     ? app.startup_probe
     : kind == ProbeKind::Readiness ? app.readiness_probe
                                    : app.liveness_probe) = make_probe(1);
    PodDriver pod(make_pod({app}));
    pod.up();
    pod.started(0);
    while (pod.probe(0, kind).phase != ProbeState::Phase::InFlight) pod.advance_to_wake();
    EXPECT_TRUE(has_event(pod.answer(0, kind, Verdict::Failure, "HTTP status 500"), "Unhealthy",
                          std::string(word) + " probe failed: HTTP status 500"));
  }
}

TEST(PodEvents, EVT23_AnOomKillIsTold) {
  Container app = make_container("app");
  app.resources.memory_limit = 1 << 20;
  PodDriver pod(make_pod({app}));
  pod.up();
  pod.started(0);
  EXPECT_TRUE(has_event(pod.exited(0, 137, true), "OOMKilling",
                        "Container app was OOM-killed (1 kill, memory limit 1Mi)"))
      << pod.log();
}

TEST(PodEvents, ORD9_AnExitIsActedOnInTheStepThatBringsIt) {
  PodDriver pod(make_pod({make_container("app")}));
  pod.up();
  pod.started(0);
  EXPECT_EQ(starts(pod.exited(0, 1)), Indices{0});
}

}  // namespace
}  // namespace podvisor
