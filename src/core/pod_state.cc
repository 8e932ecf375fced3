#include "podvisor/pod_state.h"

#include <algorithm>
#include <utility>

#include "core/pod_turn.h"

namespace podvisor {

PodState initial_pod_state(const Pod& pod, const BackoffSeries& restarts) {
  PodState state;
  state.restart_backoff = restarts;
  state.containers.resize(pod.spec.containers.size());
  std::uint64_t probe = 0;
  for (ContainerState& container : state.containers)
    for (ProbeState& each : container.probes)
      each.attempt_id = probe++ << 40U;  // unique in the pod
  state.status = derive_status(pod, state, WallTime{});
  return state;
}

PodStep step(const Pod& pod, PodState state, const PodEvent& event, Instant now) {
  PodStep result{std::move(state), {}, false};
  if (result.state.forgotten) return result;
  Turn turn{pod, result.state, now, result.actions};
  absorb(turn, event);
  result.lasting = turn.changed || turn.counted;
  if (!turn.changed) return result;
  if (!turn.state.adopting) decide(turn);
  PodStatus status = derive_status(pod, result.state, now.wall);
  result.state.initialized = find_condition(status, "Initialized")->status;  // CND-4
  if (status == result.state.status) return result;
  result.state.status = std::move(status);
  result.status_changed = true;
  if (!result.state.adopting) trigger_readiness(turn);
  return result;
}

const char* to_string(HookKind hook) {
  return hook == HookKind::PostStart ? "postStart" : "preStop";
}

std::optional<TimePoint> wake_at(const Pod& pod, const PodState& state) {
  if (state.adopting) return std::nullopt;
  std::optional<TimePoint> earliest = next_decision(pod, state);
  keep_earliest(earliest, next_probe(state));
  return earliest;
}

}  // namespace podvisor
