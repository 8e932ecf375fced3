// Termination (TRM): SIGTERM to each container in its turn, SIGKILL to what is left of it when its
// time is over.
#include <algorithm>
#include <csignal>

#include "core/pod_turn.h"

namespace podvisor {
namespace {

using Run = ContainerState::Run;

/// TRM-9: a sidecar's turn comes when no regular container and no later sidecar lives.
bool is_its_turn(const Turn& turn, ContainerIndex i) {
  if (turn.container(i).role != ContainerRole::Sidecar) return true;
  const ContainerState& self = turn.state.containers[i];
  const bool pod_stops = self.stop->reason == StopReason::PodTermination ||
                         self.stop->reason == StopReason::PodRestart;
  if (!pod_stops || self.stop->term_by <= turn.now.monotonic) return true;
  for (ContainerIndex later = i + 1; later < turn.state.containers.size(); ++later)
    if (turn.state.containers[later].alive()) return false;
  return true;
}

/// TRM-2, TRM-3: what is left of the grace period once its turn has come, at least two seconds.
void terminate(Turn& turn, ContainerIndex i) {
  Stop& stop = *turn.state.containers[i].stop;
  stop.terminated = true;
  stop.kill_at = std::max(stop.term_by, turn.now.monotonic + kMinimumGrace);
  turn.act(pod_action::SignalContainer{turn.ref(i), SIGTERM});
}

void kill(Turn& turn, ContainerIndex i) {
  turn.state.containers[i].stop->killed = true;
  turn.act(pod_action::KillContainer{turn.ref(i)});
}

void advance_stop(Turn& turn, ContainerIndex i) {
  const ContainerState& container = turn.state.containers[i];
  if (container.run != Run::Running || !container.stop) return;  // Starting: once it has started
  if (!container.stop->terminated && is_its_turn(turn, i)) terminate(turn, i);
  if (container.stop->terminated && !container.stop->killed &&
      container.stop->kill_at <= turn.now.monotonic)
    kill(turn, i);
}

std::optional<TimePoint> next_stop_of(const ContainerState& container) {
  if (container.run != Run::Running || !container.stop || container.stop->killed)
    return std::nullopt;
  return container.stop->terminated ? container.stop->kill_at : container.stop->term_by;
}

}  // namespace

void stop_container(Turn& turn, ContainerIndex i, StopReason reason, Seconds grace) {
  ContainerState& container = turn.state.containers[i];
  const TimePoint end = turn.now.monotonic + grace;
  if (container.stop) {  // stopping already: the reason stays, what is left can only get shorter
    container.stop->term_by = std::min(container.stop->term_by, end);
    if (container.stop->terminated)
      container.stop->kill_at =
          std::min(container.stop->kill_at, std::max(end, turn.now.monotonic + kMinimumGrace));
    return;
  }
  container.stop = Stop{.reason = reason, .term_by = end, .kill_at = {}};
}

void stop_all_containers(Turn& turn, StopReason reason, Seconds grace) {
  for (ContainerIndex i = 0; i < turn.state.containers.size(); ++i) {
    if (!turn.state.containers[i].alive()) continue;
    const bool stopping = turn.state.containers[i].stop.has_value();
    if (!stopping) turn.normal("Killing", "Stopping container " + turn.container(i).name, i);
    stop_container(turn, i, reason, grace);
    feed_probes(turn, i, probe_event::PodTerminating{});  // PRB-12
  }
}

void advance_stops(Turn& turn) {
  for (ContainerIndex i = 0; i < turn.state.containers.size(); ++i) advance_stop(turn, i);
}

std::optional<TimePoint> next_stop(const PodState& state) {
  std::optional<TimePoint> earliest;
  for (const ContainerState& container : state.containers) {
    const std::optional<TimePoint> at = next_stop_of(container);
    if (at && (!earliest || *at < *earliest)) earliest = at;
  }
  return earliest;
}

void begin_termination(Turn& turn, Seconds grace) {
  turn.state.stage = PodState::Stage::Terminating;
  turn.state.restart.reset();
  stop_all_containers(turn, StopReason::PodTermination, grace);
}

}  // namespace podvisor
