// A Supervisor whose sandboxes and containers are there as soon as they are asked for.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "daemon/supervisor.h"
#include "fakes/fake_hook_runner.h"
#include "fakes/fake_runtime.h"

namespace podvisor {

class FakeProber final : public Prober {
 public:
  void start_attempt(const Pod& pod, const pod_action::StartAttempt& attempt) override {
    started.push_back(attempt);
    if (on_attempt) on_attempt(pod, attempt);
  }
  void cancel_attempt(const PodUid&, std::uint64_t id) override { cancelled.push_back(id); }
  std::vector<pod_action::StartAttempt> started;
  std::vector<std::uint64_t> cancelled;
  std::function<void(const Pod&, const pod_action::StartAttempt&)> on_attempt;
};

class CountingObserver final : public StepObserver {
 public:
  void stepped(const Pod& pod, const PodEvent& event, const PodStep&) override {
    seen.push_back(describe(pod, event));
  }
  std::vector<std::string> seen;
};

inline Pod one_container(const std::string& name, const std::string& document = "v1") {
  Pod pod;
  pod.metadata.name = name;
  pod.spec.containers.resize(1);
  pod.spec.containers[0].name = "main";
  pod.document = document;
  return pod;
}

class SupervisorTest : public testing::Test {
 protected:
  SupervisorTest() : supervisor_(loop_, store_, observer_) {
    supervisor_.connect(runtime_, prober_, hooks_);
    runtime_.on_make_sandbox = [this](const Pod& pod, int attempt) {
      supervisor_.post(pod.metadata.uid, pod_event::SandboxReady{attempt, "10.0.0.2"});
    };
    runtime_.on_remove_sandbox = [this](const PodUid& pod, int attempt) {
      supervisor_.post(pod, pod_event::SandboxRemoved{attempt});
    };
    runtime_.on_start = [this](const Pod& pod, ContainerRef ref) {
      supervisor_.post(pod.metadata.uid, pod_event::ContainerStarted{ref, 42});
    };
  }
  PodUid uid(const std::string& name) {
    return store_.find_pod("default", name)->pod->metadata.uid;
  }
  void exit_main(const PodUid& pod, int instance = 0) {
    supervisor_.post(pod, pod_event::ContainerExited{{0, instance}, 0, 0, 0, ""});
  }

  Loop loop_;
  ObjectStore store_;
  CountingObserver observer_;
  FakeRuntime runtime_;
  FakeProber prober_;
  FakeHookRunner hooks_;
  Supervisor supervisor_;
};

}  // namespace podvisor
