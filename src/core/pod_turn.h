// One step of a pod, while it is being taken: the facts, the clock, and what has been decided so
// far. Private to src/core; the rooms of the decision are the pod_*.cc files beside this one.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "podvisor/pod_state.h"

namespace podvisor {

struct Turn {
  const Pod& pod;
  PodState& state;
  Instant now;
  std::vector<PodAction>& actions;
  /// A fact changed that decisions or the status depend on. Probe attempts that change no result
  /// leave it false, which keeps the commonest step short.
  bool changed = false;

  [[nodiscard]] const PodSpec& spec() const { return pod.spec; }
  [[nodiscard]] const Container& container(ContainerIndex i) const { return spec().containers[i]; }
  [[nodiscard]] ContainerRef ref(ContainerIndex i) const {
    return {i, state.containers[i].instance()};
  }
  void act(PodAction action) { actions.push_back(std::move(action)); }
  void normal(const std::string& reason, std::string message,
              std::optional<ContainerIndex> about = {}) {
    act(pod_action::EmitEvent{false, reason, std::move(message), about});
  }
  void warn(const std::string& reason, std::string message,
            std::optional<ContainerIndex> about = {}) {
    act(pod_action::EmitEvent{true, reason, std::move(message), about});
  }
};

// pod_absorb.cc: what the event says has happened.
void absorb(Turn& turn, const PodEvent& event);

// pod_decide.cc: what to do about it, stage by stage.
void decide(Turn& turn);
/// The moment at which decide() would say something new by itself.
[[nodiscard]] std::optional<TimePoint> next_decision(const Pod& pod, const PodState& state);

// pod_start.cc: start order and restarts (ORD, RST, BKO).
void start_containers(Turn& turn);
[[nodiscard]] bool all_work_done(const Pod& pod, const PodState& state);
/// Whether an exited container starts again (RST-2 … RST-6).
[[nodiscard]] bool will_restart(const Pod& pod, const PodState& state, ContainerIndex i);
[[nodiscard]] std::optional<TimePoint> next_start(const Pod& pod, const PodState& state);

// pod_stop.cc: termination (TRM).
/// Between SIGTERM and SIGKILL, whatever the grace period says (TRM-3).
inline constexpr Duration kMinimumGrace = std::chrono::seconds(2);
void stop_container(Turn& turn, ContainerIndex i, StopReason reason, Seconds grace);
void stop_all_containers(Turn& turn, StopReason reason, Seconds grace);
void advance_stops(Turn& turn);
[[nodiscard]] std::optional<TimePoint> next_stop(const PodState& state);
void begin_termination(Turn& turn, Seconds grace);

// pod_restart.cc: whose failure restarts the pod, and how (DIF-2, SBX).
void on_oom_kill(Turn& turn, ContainerIndex i);
void on_probe_failure(Turn& turn, ContainerIndex i, ProbeKind kind);
void on_sandbox_died(Turn& turn);
/// The old sandbox is gone: every container starts anew in the next one, after the back-off.
void prepare_next_sandbox(Turn& turn);

// pod_probes.cc: probes of containers that live (PRB).
void feed_probe(Turn& turn, ContainerIndex i, ProbeKind kind, const ProbeEvent& event);
void feed_probes(Turn& turn, ContainerIndex i, const ProbeEvent& event);
void tick_probes(Turn& turn);
/// PRB-5: the status was recomputed; not-ready containers are probed again at once.
void trigger_readiness(Turn& turn);

/// "10s", "1m20s": durations as Go prints them, which event texts are made of (BKO-6).
[[nodiscard]] std::string go_duration(Duration duration);

// pod_status.cc
[[nodiscard]] PodStatus derive_status(const Pod& pod, const PodState& state, WallTime now);

}  // namespace podvisor
