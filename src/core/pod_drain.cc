// Traffic leaves the pod before any of its containers is told to stop (DIF-3.2, DIF-3.3), and when
// it may come.
#include <algorithm>

#include "core/container_view.h"

namespace podvisor {
namespace {

using Stage = PodState::Stage;
using Traffic = PodState::Traffic;

/// One that is being stopped alone, because a probe or its hook failed: nobody new goes there.
bool is_stopping_one(const Pod& pod, const PodState& state) {
  for (ContainerIndex i = 0; i < state.containers.size(); ++i)
    if (state.containers[i].alive() && state.containers[i].stop &&
        !pod.spec.policy.noncritical.contains(pod.spec.containers[i].name))
      return true;
  return false;
}

std::optional<TimePoint> back_off_until(const Pod& pod, const PodState& state) {
  if (state.stage == Stage::Up) return last_start(pod, state);
  const bool waits =
      state.stage == Stage::Pending || (state.stage == Stage::Restarting && state.restart->cleared);
  if (!waits || state.sandbox_not_before == TimePoint{}) return std::nullopt;
  return state.sandbox_not_before;
}

}  // namespace

void drain_traffic(Turn& turn, Duration limit) {
  PodState& state = turn.state;
  limit = std::min<Duration>(limit, turn.spec().policy.door.drain_timeout);
  const bool draining = state.traffic == Traffic::Draining;
  if (!state.sandbox_ready || state.traffic == Traffic::Drained) return;
  if (draining && limit >= state.drain_limit) return;
  state.traffic = Traffic::Draining;
  state.drain_limit = limit;
  turn.act(pod_action::DrainTraffic{state.sandbox_attempt, limit});
}

void on_drained(Turn& turn) {
  turn.state.traffic = Traffic::Drained;
  for (ContainerState& container : turn.state.containers)
    if (container.stop && !has_begun(container)) container.stop->since = turn.now.monotonic;
}

bool has_begun(const ContainerState& container) {
  const bool hook = container.hook && container.hook->kind == HookKind::PreStop;
  return hook || container.stop->pre_stopped || container.stop->terminated;
}

PodTraffic derive_traffic(const Pod& pod, const PodState& state, const PodStatus& status) {
  const bool stays = state.stage == Stage::Up && state.traffic == Traffic::Admitted;
  PodTraffic traffic;
  traffic.open = stays && is_ready(status) && !is_stopping_one(pod, state);
  traffic.draining = state.traffic != Traffic::Admitted;
  traffic.sandbox = state.sandbox_ready ? state.sandbox_attempt : -1;
  if (!traffic.open) traffic.back_off_until = back_off_until(pod, state);
  return traffic;
}

}  // namespace podvisor
