// A Deployment's pods on a host that exists only here: what step() asks for is done, a pod gets
// Ready, goes away or fails when the test says so. Time is the test's.
#pragma once

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "podvisor/deployment_plan.h"

namespace podvisor {

class DeploymentWorld {
 public:
  explicit DeploymentWorld(int replicas) {
    deployment.metadata.name = "web";
    deployment.replicas = replicas;
  }

  /// One step; what it asked for is done. "remove a-1 a-2, make 1"; of a revision that is not the
  /// wanted one: "make 1 a".
  std::string look() {
    DeploymentStep taken = step(deployment, revision, std::move(state), pods, now);
    state = std::move(taken.state);
    wake_at = taken.wake_at;
    std::string said;
    for (const std::string& name : taken.remove) {
      said += (said.empty() ? "remove " : " ") + name;
      find(name).terminating = true;
      find(name).ready_since.reset();
    }
    for (const auto& [of, number] : taken.make) {
      said += (said.empty() ? "make " : ", make ") + std::to_string(number);
      if (of != state.revision) said += " " + of;
      for (int i = 0; i < number; ++i) {
        ++made_;
        pods.push_back({of + "-" + std::to_string(made_), of, false, false, std::nullopt, made_});
      }
    }
    return said;
  }
  void ready(const std::string& name) { find(name).ready_since = now.monotonic; }
  void all_ready() {
    for (ReplicaView& pod : pods)
      if (!pod.terminating && !pod.ready_since) pod.ready_since = now.monotonic;
  }
  /// Those that are being deleted have stopped.
  void all_gone() {
    std::erase_if(pods, [](const ReplicaView& pod) { return pod.terminating; });
  }
  void advance(Duration span) {
    now.monotonic += span;
    now.wall += span;
  }
  /// Looks, and lets pods become Ready and go, until nothing more is asked for.
  void settle() {
    for (int i = 0; i < 1000; ++i) {
      const std::string said = look();
      all_ready();
      all_gone();
      if (wake_at && *wake_at > now.monotonic) advance(*wake_at - now.monotonic);
      if (said.empty() && look().empty() && !wake_at) return;
    }
  }
  ReplicaView& find(const std::string& name) {
    return *std::ranges::find(pods, name, &ReplicaView::name);
  }
  /// Those that count.
  [[nodiscard]] int find_all(const std::string& of) const {
    return static_cast<int>(std::ranges::count_if(pods, [&](const ReplicaView& pod) {
      return pod.revision == of && !pod.terminating && !pod.ended;
    }));
  }
  [[nodiscard]] std::string condition(const std::string& type) const {
    const DeploymentCondition* found = find_condition(state.status, type);
    return found == nullptr ? "none" : std::string(to_string(found->status)) + " " + found->reason;
  }

  Deployment deployment;
  std::string revision = "a";
  DeploymentState state;
  std::vector<ReplicaView> pods;
  std::optional<TimePoint> wake_at;
  Instant now{TimePoint(std::chrono::seconds(1000)), WallTime(std::chrono::seconds(5000))};

 private:
  std::uint64_t made_ = 0;
};

}  // namespace podvisor
