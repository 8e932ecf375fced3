// Drives one pod through step() with a manual clock, remembers every action, and answers for the
// outside world as a test tells it to.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "podvisor/pod_state.h"

namespace podvisor {

using namespace std::chrono_literals;

inline constexpr auto Init = ContainerRole::Init;
inline constexpr auto Sidecar = ContainerRole::Sidecar;

inline Container make_container(std::string name, ContainerRole role = ContainerRole::Regular) {
  Container container;
  container.name = std::move(name);
  container.role = role;
  container.command = {"/bin/true"};
  return container;
}

inline Probe make_probe(int period = 10, int failure_threshold = 3) {
  Probe probe;
  probe.handler = TcpSocketAction{};
  probe.period = Seconds{period};
  probe.failure_threshold = failure_threshold;
  return probe;
}

inline Pod make_pod(std::vector<Container> containers) {
  Pod pod;
  pod.metadata.name = "web";
  pod.metadata.uid = "u1";
  pod.spec.containers = std::move(containers);
  pod.spec.hostname = "web";
  for (std::size_t i = 0; i < pod.spec.containers.size(); ++i) {
    if (pod.spec.containers[i].role != ContainerRole::Regular) continue;
    pod.spec.policy.main_container = i;
    break;
  }
  return pod;
}

class PodDriver {
 public:
  explicit PodDriver(Pod pod) : pod_(std::move(pod)), state_(initial_pod_state(pod_)) {}

  /// Steps once; the actions of this step are returned and also kept in log().
  std::vector<PodAction> send(const PodEvent& event) {
    if (clock_jumps_) off_ = off_ > 0h ? -1h : off_ + 1h;
    PodStep result = step(pod_, std::move(state_), event, now());
    state_ = std::move(result.state);
    status_changed_ = result.status_changed;
    log_ += describe(pod_, event) + "\n";
    for (const PodAction& action : result.actions) log_ += "    " + describe(pod_, action) + "\n";
    actions_.insert(actions_.end(), result.actions.begin(), result.actions.end());
    return answer_drains(std::move(result.actions));
  }

  /// From now on a drain takes until a test says TrafficDrained; before, nothing is ever under way.
  void let_drains_take_long() { drains_at_once_ = false; }

  /// From now on the clock on the wall goes an hour ahead and back all the time.
  void let_the_clock_jump() { clock_jumps_ = true; }

  std::vector<PodAction> advance(Duration span) {
    elapsed_ += span;
    return send(pod_event::Tick{});
  }
  /// To the moment that the pod itself asks for.
  std::vector<PodAction> advance_to_wake() {
    const std::optional<TimePoint> at = wake_at(pod_, state_);
    EXPECT_TRUE(at) << log_;
    return advance(at ? std::max(*at - now().monotonic, Duration{0}) : Duration{0});
  }

  /// Admits the pod to a node that it matches.
  std::vector<PodAction> admit() {
    send(pod_event::Admitted{});
    return send(pod_event::NodeMatched{});
  }
  /// Admits the pod and makes its sandbox.
  std::vector<PodAction> up() {
    admit();
    return sandbox_ready();
  }
  std::vector<PodAction> sandbox_ready() {
    return send(pod_event::SandboxReady{state_.sandbox_attempt, "10.0.0.2"});
  }
  std::vector<PodAction> sandbox_removed() {
    return send(pod_event::SandboxRemoved{state_.sandbox_attempt});
  }
  /// podvisor ends at once and is started again with what was written down.
  void restart_podvisor() {
    state_ = resumed_pod_state(std::move(state_), now().monotonic);
    log_ += "podvisor restarts\n";
  }
  void lose_state() { state_ = lost_pod_state(pod_, now()); }
  /// … and finds the sandbox with these instances.
  std::vector<PodAction> adopted(std::vector<ContainerRef> found) {
    return send(pod_event::SandboxAdopted{std::max(0, state_.sandbox_attempt), "10.0.0.2",
                                          std::move(found)});
  }
  [[nodiscard]] std::vector<ContainerRef> all_alive() const {
    std::vector<ContainerRef> alive;
    for (ContainerIndex i = 0; i < state_.containers.size(); ++i)
      if (state_.containers[i].alive()) alive.push_back(ref(i));
    return alive;
  }
  std::vector<PodAction> started(ContainerIndex i) {
    return send(pod_event::ContainerStarted{ref(i), 100 + static_cast<std::int64_t>(i)});
  }
  void all_started() {
    for (ContainerIndex i = 0; i < state_.containers.size(); ++i)
      if (state_.containers[i].run == ContainerState::Run::Starting) started(i);
  }
  std::vector<PodAction> exited(ContainerIndex i, int code, bool oom = false) {
    pod_event::ContainerExited event{ref(i), code, code > 128 ? code - 128 : 0, oom ? 1 : 0, ""};
    return send(event);
  }
  std::vector<PodAction> answer(ContainerIndex i, ProbeKind kind, Verdict verdict,
                                std::string output = "") {
    return send(pod_event::AttemptCompleted{ref(i), kind, probe(i, kind).attempt_id, verdict,
                                            std::move(output)});
  }

  [[nodiscard]] ContainerRef ref(ContainerIndex i) const {
    return {i, state_.containers[i].instance()};
  }
  [[nodiscard]] const ProbeState& probe(ContainerIndex i, ProbeKind kind) const {
    return state_.containers[i].probes[static_cast<std::size_t>(kind)];
  }
  [[nodiscard]] Instant now() const {
    return {TimePoint{1000s} + elapsed_, WallTime{1'700'000'000s} + elapsed_ + off_};
  }
  [[nodiscard]] const PodState& state() const { return state_; }
  [[nodiscard]] const PodStatus& status() const { return state_.status; }
  [[nodiscard]] const ContainerState& container(ContainerIndex i) const {
    return state_.containers[i];
  }
  [[nodiscard]] const PodCondition& condition(const std::string& type) const {
    static const PodCondition kNone;
    const PodCondition* found = find_condition(status(), type);
    EXPECT_NE(found, nullptr) << type;
    return found == nullptr ? kNone : *found;
  }
  [[nodiscard]] const std::string& log() const { return log_; }
  [[nodiscard]] bool status_changed() const { return status_changed_; }
  [[nodiscard]] const std::vector<PodAction>& actions() const { return actions_; }

 private:
  std::vector<PodAction> answer_drains(std::vector<PodAction> actions) {
    const bool drains = std::ranges::any_of(actions, [](const PodAction& action) {
      return std::holds_alternative<pod_action::DrainTraffic>(action);
    });
    if (!drains || !drains_at_once_) return actions;
    const auto more = send(pod_event::TrafficDrained{state_.sandbox_attempt});
    actions.insert(actions.end(), more.begin(), more.end());
    return actions;
  }

  Pod pod_;
  bool drains_at_once_ = true;
  PodState state_;
  Duration elapsed_{0};
  bool status_changed_ = false;
  std::vector<PodAction> actions_;
  std::string log_;
  bool clock_jumps_ = false;
  std::chrono::hours off_{0};  ///< the clock on the wall
};

/// The actions of one type, in order.
template <typename Action>
std::vector<Action> only(const std::vector<PodAction>& actions) {
  std::vector<Action> found;
  for (const PodAction& action : actions)
    if (const auto* match = std::get_if<Action>(&action)) found.push_back(*match);
  return found;
}

/// Indices of the containers that were told to start.
inline std::vector<ContainerIndex> starts(const std::vector<PodAction>& actions) {
  std::vector<ContainerIndex> found;
  for (const auto& start : only<pod_action::StartContainer>(actions))
    found.push_back(start.ref.container);
  return found;
}

inline std::vector<ContainerIndex> kills(const std::vector<PodAction>& actions) {
  std::vector<ContainerIndex> found;
  for (const auto& kill : only<pod_action::KillContainer>(actions))
    found.push_back(kill.ref.container);
  return found;
}

inline bool has_event(const std::vector<PodAction>& actions, const std::string& reason,
                      const std::string& message) {
  return std::ranges::any_of(only<pod_action::EmitEvent>(actions), [&](const auto& event) {
    return event.reason == reason && event.message == message;
  });
}

using Indices = std::vector<ContainerIndex>;

}  // namespace podvisor
