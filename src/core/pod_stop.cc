// Termination (TRM): preStop, then the signal to each container in its turn, then SIGKILL to what
// is left of it when its time is over.
#include <algorithm>
#include <csignal>

#include "core/pod_turn.h"

namespace podvisor {
namespace {

using Run = ContainerState::Run;

/// Until SIGKILL is taken to have done nothing.
constexpr Seconds kKillPatience{10};

/// RAC-11: one after another, the regular containers first.
bool comes_before(const Turn& turn, ContainerIndex other, ContainerIndex i) {
  const bool other_is_regular = turn.container(other).role == ContainerRole::Regular;
  const bool is_regular = turn.container(i).role == ContainerRole::Regular;
  return other_is_regular == is_regular ? other < i : other_is_regular;
}

bool earlier_lives(const Turn& turn, ContainerIndex i) {
  for (ContainerIndex other = 0; other < turn.state.containers.size(); ++other)
    if (turn.state.containers[other].alive() && comes_before(turn, other, i)) return true;
  return false;
}

bool later_lives(const Turn& turn, ContainerIndex i) {
  for (ContainerIndex later = i + 1; later < turn.state.containers.size(); ++later)
    if (turn.state.containers[later].alive()) return true;
  return false;
}

/// TRM-9: a sidecar's turn comes when no regular container and no later sidecar lives.
bool is_its_turn(const Turn& turn, ContainerIndex i) {
  const Stop& stop = *turn.state.containers[i].stop;
  if (stop.reason == StopReason::RestartInPlace) return !earlier_lives(turn, i);
  const bool pod_stops =
      stop.reason == StopReason::PodTermination || stop.reason == StopReason::PodRestart;
  const bool waits = pod_stops && turn.container(i).role == ContainerRole::Sidecar;
  return !waits || stop.ends_at() <= turn.now.monotonic || !later_lives(turn, i);
}

/// TRM-2.
void spend(Stop& stop, TimePoint now) {
  const Seconds spent = std::chrono::floor<Seconds>(now - stop.since);
  stop.grace = std::max(Seconds{0}, stop.grace - spent);
  stop.since = now;
}

/// TRM-1: it can only get less.
void shorten(Stop& stop, Seconds grace, TimePoint now) {
  if (now + grace >= stop.ends_at()) return;
  stop.since = now;
  stop.grace = grace;
  if (stop.terminated && !stop.killed)
    stop.kill_at = std::min(stop.kill_at, now + std::max(grace, kMinimumGrace));
}

/// HOK-3: not without any time for it.
void begin_pre_stop(Turn& turn, ContainerIndex i) {
  Stop& stop = *turn.state.containers[i].stop;
  if (turn.container(i).lifecycle.pre_stop && turn.now.monotonic < stop.ends_at())
    run_hook(turn, i, HookKind::PreStop);
  else
    stop.pre_stopped = true;
}

void advance_pre_stop(Turn& turn, ContainerIndex i) {
  ContainerState& container = turn.state.containers[i];
  if (!container.hook) begin_pre_stop(turn, i);
  advance_hook(turn, i);
  if (container.stop->pre_stopped || turn.now.monotonic < container.stop->ends_at()) return;
  cancel_hook(turn, i);  // TRM-4
  end_pre_stop(turn, i);
}

/// TRM-3: what is left of the grace period, at least two seconds.
void terminate(Turn& turn, ContainerIndex i) {
  Stop& stop = *turn.state.containers[i].stop;
  spend(stop, turn.now.monotonic);
  stop.terminated = true;
  stop.kill_at = turn.now.monotonic + std::max(stop.grace, kMinimumGrace);
  if (stop.reason == StopReason::RestartInPlace) turn.normal("Killing", "killing", i);  // RAC-12
  const int signal = turn.container(i).lifecycle.stop_signal;
  turn.act(pod_action::SignalContainer{turn.ref(i), signal != 0 ? signal : SIGTERM});
}

/// Nothing outlives SIGKILL but who waits in the kernel: for a disk or a file server that is gone.
void await_end(Turn& turn, ContainerIndex i) {
  if (turn.now.monotonic < turn.state.containers[i].stop->kill_at) return;
  turn.warn("FailedKillPod",
            "error killing pod: container " + turn.container(i).name + " has not ended " +
                std::to_string(kKillPatience.count()) +
                " s after SIGKILL: a process of it waits in the kernel (state D)",
            i);
  kill_container(turn, i);
}

/// A pull may take long: nobody waits for its end to stop what has not begun. Else what is Starting
/// is stopped once it has started.
void abandon_start(Turn& turn, ContainerIndex i) {
  const ContainerState& container = turn.state.containers[i];
  const bool may_wait_long = !turn.container(i).image.empty();
  if (may_wait_long && !container.stop->killed) kill_container(turn, i);
}

bool awaits_drain(const PodState& state, const ContainerState& container) {
  return state.traffic == PodState::Traffic::Draining && !has_begun(container);
}

void advance_stop(Turn& turn, ContainerIndex i) {
  const ContainerState& container = turn.state.containers[i];
  if (container.run == Run::Starting && container.stop) return abandon_start(turn, i);
  if (container.run != Run::Running || !container.stop || awaits_drain(turn.state, container))
    return;
  const Stop& stop = *container.stop;
  if (stop.killed) return await_end(turn, i);
  if (!stop.pre_stopped) advance_pre_stop(turn, i);
  if (!stop.pre_stopped) return;
  if (!stop.terminated && is_its_turn(turn, i)) terminate(turn, i);
  if (stop.terminated && stop.kill_at <= turn.now.monotonic) kill_container(turn, i);
}

std::optional<TimePoint> next_stop_of(const PodState& state, const ContainerState& container) {
  if (container.run != Run::Running || !container.stop || awaits_drain(state, container))
    return std::nullopt;
  if (container.stop->terminated || container.stop->killed) return container.stop->kill_at;
  if (container.stop->pre_stopped && container.stop->reason == StopReason::RestartInPlace)
    return std::nullopt;  // its turn comes with an exit
  return container.stop->ends_at();
}

/// The pod's end takes over what was only to restart it: in its own order, with hooks and grace.
bool takes_over(const Stop& stop, StopReason reason) {
  return reason == StopReason::PodTermination && stop.reason == StopReason::RestartInPlace &&
         !stop.terminated;
}

}  // namespace

void kill_container(Turn& turn, ContainerIndex i) {
  Stop& stop = *turn.state.containers[i].stop;
  stop.killed = true;
  stop.kill_at = turn.now.monotonic + kKillPatience;
  turn.act(pod_action::KillContainer{turn.ref(i)});
}

void end_pre_stop(Turn& turn, ContainerIndex i) {
  Stop& stop = *turn.state.containers[i].stop;
  spend(stop, turn.now.monotonic);
  stop.pre_stopped = true;
}

void stop_container(Turn& turn, ContainerIndex i, StopReason reason, Seconds grace) {
  ContainerState& container = turn.state.containers[i];
  if (container.stop && !takes_over(*container.stop, reason)) {
    // Stopping already: the reason stays, except that nothing is restarted any more.
    if (reason == StopReason::PodTermination && container.stop->reason == StopReason::PodRestart)
      container.stop->reason = reason;
    return shorten(*container.stop, grace, turn.now.monotonic);
  }
  cancel_hook(turn, i);  // a postStart that is of no use any more
  container.stop =
      Stop{.reason = reason, .since = turn.now.monotonic, .grace = grace, .kill_at = {}};
}

void stop_all_containers(Turn& turn, StopReason reason, Seconds grace) {
  for (ContainerIndex i = 0; i < turn.state.containers.size(); ++i) {
    if (!turn.state.containers[i].alive()) continue;
    const bool stopping = turn.state.containers[i].stop.has_value();
    if (!stopping && reason != StopReason::RestartInPlace)
      turn.normal("Killing", "Stopping container " + turn.container(i).name, i);
    stop_container(turn, i, reason, grace);
    feed_probes(turn, i, probe_event::PodTerminating{});  // PRB-12
  }
}

void advance_stops(Turn& turn) {
  for (ContainerIndex i = 0; i < turn.state.containers.size(); ++i) advance_stop(turn, i);
}

std::optional<TimePoint> next_stop(const PodState& state) {
  std::optional<TimePoint> earliest;
  for (const ContainerState& container : state.containers)
    keep_earliest(earliest, next_stop_of(state, container));
  return earliest;
}

}  // namespace podvisor
