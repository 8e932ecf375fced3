// Decisions, stage by stage: one screen on which every stage has its answer.
#include <algorithm>

#include "core/pod_turn.h"

namespace podvisor {
namespace {

using Stage = PodState::Stage;

bool any_alive(const PodState& state) {
  return std::ranges::any_of(state.containers, [](const auto& each) { return each.alive(); });
}

bool may_start(const PodState& state) { return state.admitted && state.scheduled; }

void make_sandbox(Turn& turn) {
  PodState& state = turn.state;
  if (state.restart) count_restart(turn);
  state.stage = Stage::MakingSandbox;
  state.sandbox_initialized = false;
  turn.act(pod_action::MakeSandbox{++state.sandbox_attempt});
}

void forget(Turn& turn) {
  turn.state.stage = Stage::Ended;
  turn.state.forgotten = true;
  turn.act(pod_action::ForgetPod{});
}

void run_containers(Turn& turn) {
  for (ContainerIndex i = 0; i < turn.state.containers.size(); ++i)
    if (!turn.state.containers[i].stop) advance_hook(turn, i);
  const auto trigger = restart_all_trigger(turn.pod, turn.state);
  if (trigger && !turn.state.restart) return restart_in_place(turn, *trigger);  // DIF-2.8
  if (all_work_done(turn.pod, turn.state))                                      // RST-7, RST-8
    return begin_termination(turn, turn.spec().termination_grace_period);
  start_containers(turn);
  advance_stops(turn);
  advance_surge(turn);
}

void stop_containers(Turn& turn) {
  advance_stops(turn);
  if (any_alive(turn.state)) return;
  const auto& restart = turn.state.restart;
  if (restart && restart->in_place) return renew_in_place(turn);
  turn.state.stage = Stage::RemovingSandbox;
  turn.act(pod_action::RemoveSandbox{turn.state.sandbox_attempt});
}

/// PHS-6.
void obey_deadline(Turn& turn) {
  const std::optional<TimePoint> until = deadline(turn.pod, turn.state);
  if (!until || turn.now.monotonic < *until) return;
  const std::string message = "Pod was active on the node longer than the specified deadline";
  turn.normal("DeadlineExceeded", message);
  fail_pod(turn, "DeadlineExceeded", message, turn.spec().termination_grace_period);
}

void decide_once(Turn& turn) {
  obey_deadline(turn);
  switch (turn.state.stage) {
    case Stage::Pending:
      if (turn.state.deletion_requested)
        forget(turn);
      else if (may_start(turn.state) && turn.state.sandbox_not_before <= turn.now.monotonic)
        make_sandbox(turn);
      return;
    case Stage::Up:
      return run_containers(turn);
    case Stage::Restarting:
    case Stage::Terminating:
      return stop_containers(turn);
    case Stage::Ended:
      if (turn.state.deletion_requested) forget(turn);
      return;
    case Stage::MakingSandbox:    // SandboxReady or SandboxFailed comes
    case Stage::RemovingSandbox:  // SandboxRemoved comes
      return;
  }
}

}  // namespace

void decide(Turn& turn) {
  // Stages only go forward: a restart leads back, but only once until something has happened.
  for (bool settled = false; !settled;) {
    const Stage before = turn.state.stage;
    decide_once(turn);
    settled = turn.state.stage == before || turn.state.forgotten;
  }
}

std::optional<TimePoint> next_decision(const Pod& pod, const PodState& state) {
  std::optional<TimePoint> earliest = deadline(pod, state);
  const bool backs_off = (state.stage == Stage::Pending && may_start(state)) ||
                         (state.stage == Stage::Restarting && state.restart->cleared);
  if (backs_off) keep_earliest(earliest, state.sandbox_not_before);
  keep_earliest(earliest, next_stop(state));
  keep_earliest(earliest, next_hook(state));
  if (state.stage == Stage::Up) keep_earliest(earliest, next_start(pod, state));
  if (state.stage == Stage::Up) keep_earliest(earliest, next_surge(state));
  return earliest;
}

}  // namespace podvisor
