// Start order and restarts: ORD, RST, BKO. One pass over the containers in spec order starts
// whatever may start now and stops where something earlier has to come first.
#include <algorithm>

#include "core/pod_turn.h"

namespace podvisor {
namespace {

using Run = ContainerState::Run;

void start(Turn& turn, ContainerIndex i) {
  ContainerState& container = turn.state.containers[i];
  container.run = Run::Starting;
  container.retry_at.reset();
  ++container.next_instance;
  turn.act(pod_action::StartContainer{turn.ref(i)});
}

void refuse_restart(Turn& turn, ContainerIndex i, Duration delay) {
  ContainerState& container = turn.state.containers[i];
  if (container.waiting_reason == "CrashLoopBackOff") return;  // said already
  const ObjectMeta& meta = turn.pod.metadata;
  const std::string who = turn.container(i).name + " in pod " + meta.name + "_" + meta.namespace_ +
                          "(" + meta.uid + ")";
  container.waiting_reason = "CrashLoopBackOff";
  container.waiting_message = "back-off " + go_duration(delay) +
                              " restarting failed container=" + turn.container(i).name +
                              " pod=" + meta.name + "_" + meta.namespace_ + "(" + meta.uid + ")";
  turn.warn("BackOff", "Back-off restarting failed container " + who, i);  // BKO-6
}

/// An exited container that is to run again: now, or when its back-off is over (BKO-2).
void restart_when_due(Turn& turn, ContainerIndex i) {
  ContainerState& container = turn.state.containers[i];
  const TimePoint finished = container.termination->finished.monotonic;
  const Duration delay = restart_delay(turn.pod, container);
  if (turn.now.monotonic - finished < delay) return refuse_restart(turn, i, delay);
  if (refuse_pull(turn, i)) return;
  container.backoff =
      after_restart(container.backoff, finished, turn.now.monotonic, turn.spec().policy.backoff);
  start(turn, i);
}

/// Starts it if it is to run, does not, and may now.
void start_when_due(Turn& turn, ContainerIndex i) {
  ContainerState& container = turn.state.containers[i];
  if (container.retry_at && turn.now.monotonic < *container.retry_at) return;
  if (container.run == Run::Exited && will_restart(turn.pod, turn.state, i))
    restart_when_due(turn, i);
  else if (container.run == Run::Waiting && !refuse_pull(turn, i))
    start(turn, i);
}

/// ORD-5: the next regular container waits for this one's postStart hook, if it has one, and for
/// nothing else.
bool awaits_post_start(const Container& spec, const ContainerState& container) {
  const bool runs = container.hook && container.hook->kind == HookKind::PostStart;
  return spec.lifecycle.post_start && (container.run == Run::Starting || runs);
}

/// ORD-2, ORD-3, ORD-5, ORD-8: whether what comes after this container may start.
bool lets_next_start(const Pod& pod, const PodState& state, ContainerIndex i) {
  const ContainerState& container = state.containers[i];
  switch (pod.spec.containers[i].role) {
    case ContainerRole::Init:
      return container.completed;
    case ContainerRole::Sidecar:
      return state.sandbox_initialized || container.started;
    case ContainerRole::Regular:
      break;
  }
  return !awaits_post_start(pod.spec.containers[i], container);
}

std::optional<TimePoint> next_start_of(const Pod& pod, const PodState& state, ContainerIndex i) {
  const ContainerState& container = state.containers[i];
  if (container.run == Run::Waiting) return container.retry_at;
  if (container.run != Run::Exited || !will_restart(pod, state, i)) return std::nullopt;
  if (container.retry_at) return container.retry_at;  // of its image
  return container.termination->finished.monotonic + restart_delay(pod, container);
}

}  // namespace

void start_containers(Turn& turn) {
  for (ContainerIndex i = 0; i < turn.state.containers.size(); ++i) {
    if (turn.container(i).role == ContainerRole::Regular) turn.state.sandbox_initialized = true;
    const bool done = turn.container(i).role == ContainerRole::Init &&
                      (turn.state.sandbox_initialized || turn.state.containers[i].completed);
    if (!done) start_when_due(turn, i);
    if (!lets_next_start(turn.pod, turn.state, i)) return;
  }
}

bool all_work_done(const Pod& pod, const PodState& state) {
  const auto ended = [&](ContainerIndex i) {
    return state.containers[i].run == Run::Exited && !will_restart(pod, state, i);
  };
  bool regular_done = true;
  for (ContainerIndex i = 0; i < state.containers.size(); ++i) {
    const ContainerRole role = pod.spec.containers[i].role;
    if (role == ContainerRole::Init && ended(i) && !state.containers[i].completed) return true;
    if (role == ContainerRole::Regular && !ended(i)) regular_done = false;
  }
  return regular_done;
}

std::optional<TimePoint> next_start(const Pod& pod, const PodState& state) {
  std::optional<TimePoint> earliest;
  for (ContainerIndex i = 0; i < state.containers.size(); ++i) {
    const std::optional<TimePoint> at = next_start_of(pod, state, i);
    keep_earliest(earliest, at);
    if (!lets_next_start(pod, state, i)) break;
  }
  return earliest;
}

std::optional<TimePoint> last_start(const Pod& pod, const PodState& state) {
  std::optional<TimePoint> last;
  for (ContainerIndex i = 0; i < state.containers.size(); ++i) {
    if (pod.spec.policy.noncritical.contains(pod.spec.containers[i].name)) continue;
    const std::optional<TimePoint> at = next_start_of(pod, state, i);
    if (at && (!last || *last < *at)) last = at;
  }
  return last;
}

}  // namespace podvisor
