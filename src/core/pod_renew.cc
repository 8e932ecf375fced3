// What becomes of the containers when a restart of the pod has stopped them all: each starts anew,
// in the next sandbox or (RAC) in the one that is kept, after the pod's own back-off (DIF-2.7).
#include "core/pod_turn.h"

namespace podvisor {
namespace {

using Stage = PodState::Stage;
using Run = ContainerState::Run;

bool is_trigger(const PodRestart& restart, ContainerIndex i) {
  return restart.trigger != RestartTrigger::Sandbox && restart.container == i;
}

/// SBX-4: what has finished for good is not run again in the next sandbox.
bool stays_finished(const Turn& turn, ContainerIndex i) {
  return turn.state.restart->trigger == RestartTrigger::Sandbox &&
         turn.container(i).role == ContainerRole::Regular &&
         turn.state.containers[i].run == Run::Exited && !will_restart(turn.pod, turn.state, i);
}

/// DIF-2.9, RAC-16: the trigger keeps its own end, the others say why they were removed.
void keep_last_termination(Turn& turn, ContainerIndex i) {
  ContainerState& container = turn.state.containers[i];
  if (!container.termination) return;
  container.last_termination = std::move(container.termination);
  container.termination.reset();
  const PodRestart& restart = *turn.state.restart;
  if (restart.trigger == RestartTrigger::Sandbox || is_trigger(restart, i)) return;
  container.last_termination->reason = "RestartingAllContainers";
  if (restart.in_place)
    container.last_termination->message =
        "The container is removed because RestartAllContainers in place";
}

/// DIF-2.7.
void say_back_off(Turn& turn, ContainerIndex i, Duration delay) {
  const std::string pod = turn.pod.metadata.name + "_" + turn.pod.metadata.namespace_;
  ContainerState& container = turn.state.containers[i];
  container.waiting_reason = "CrashLoopBackOff";
  container.waiting_message = "back-off " + go_duration(delay) + " restarting pod " + pod +
                              " after container=" + turn.container(i).name + " failed";
  turn.warn("BackOff", "Back-off restarting pod " + pod + " for " + go_duration(delay), i);
}

void renew(Turn& turn, ContainerIndex i, Duration delay) {
  ContainerState& container = turn.state.containers[i];
  keep_last_termination(turn, i);
  container.run = Run::Waiting;
  container.retry_at.reset();
  container.completed = false;
  container.waiting_reason.clear();
  container.waiting_message.clear();
  if (container.next_instance == 0) return;
  const PodRestart& restart = *turn.state.restart;
  if (restart.trigger != RestartTrigger::Sandbox) container.removed = true;  // counts at once
  if (is_trigger(restart, i) && delay != Duration{0})
    say_back_off(turn, i, delay);
  else
    container.waiting_reason = "RestartingAllContainers";
}

void renew_all(Turn& turn) {
  PodState& state = turn.state;
  const TimePoint triggered = state.restart->triggered_at;
  const Duration delay =
      backoff_delay(state.restart_backoff, triggered, turn.spec().policy.backoff);
  state.sandbox_not_before = triggered + delay;
  state.sandbox_initialized = false;
  for (ContainerIndex i = 0; i < state.containers.size(); ++i)
    if (!stays_finished(turn, i)) renew(turn, i, delay);
}

}  // namespace

void count_restart(Turn& turn) {
  PodState& state = turn.state;
  state.restart_backoff = after_restart(state.restart_backoff, state.restart->triggered_at,
                                        turn.now.monotonic, turn.spec().policy.backoff);
}

void prepare_next_sandbox(Turn& turn) {
  renew_all(turn);
  turn.state.stage = Stage::Pending;
}

void renew_in_place(Turn& turn) {
  PodState& state = turn.state;
  if (!state.restart->cleared) renew_all(turn);
  state.restart->cleared = true;
  if (turn.now.monotonic < state.sandbox_not_before) return;
  count_restart(turn);
  state.restart.reset();
  state.traffic = PodState::Traffic::Admitted;
  state.stage = Stage::Up;
}

}  // namespace podvisor
