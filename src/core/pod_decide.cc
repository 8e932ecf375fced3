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
  if (state.restart) {
    const TimePoint triggered = state.restart->triggered_at;
    state.restart_backoff = after_restart(state.restart_backoff, triggered, turn.now.monotonic,
                                          turn.spec().policy.backoff);
  }
  state.stage = Stage::MakingSandbox;
  state.sandbox_initialized = false;
  turn.act(pod_action::MakeSandbox{++state.sandbox_attempt});
}

void forget(Turn& turn) {
  turn.state.stage = Stage::Ended;
  turn.state.forgotten = true;
  turn.act(pod_action::ForgetPod{});
}

std::optional<TimePoint> deadline(const Pod& pod, const PodState& state) {
  if (!pod.spec.active_deadline || !state.start_time) return std::nullopt;
  return state.start_time->monotonic + *pod.spec.active_deadline;
}

void run_containers(Turn& turn) {
  PodState& state = turn.state;
  const auto until = deadline(turn.pod, state);
  if (until && *until <= turn.now.monotonic) {  // PHS-6
    state.failed_reason = "DeadlineExceeded";
    state.failed_message = "Pod was active on the node longer than the specified deadline";
    begin_termination(turn, turn.spec().termination_grace_period);
  } else if (all_work_done(turn.pod, state)) {  // RST-7, RST-8
    begin_termination(turn, turn.spec().termination_grace_period);
  } else {
    start_containers(turn);
    advance_stops(turn);
  }
}

void stop_containers(Turn& turn) {
  advance_stops(turn);
  if (any_alive(turn.state)) return;
  turn.state.stage = Stage::RemovingSandbox;
  turn.act(pod_action::RemoveSandbox{turn.state.sandbox_attempt});
}

void decide_once(Turn& turn) {
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

void keep_earliest(std::optional<TimePoint>& earliest, std::optional<TimePoint> candidate) {
  if (candidate && (!earliest || *candidate < *earliest)) earliest = candidate;
}

}  // namespace

void decide(Turn& turn) {
  for (bool settled = false; !settled;) {  // stages only go forward, so this ends
    const Stage before = turn.state.stage;
    decide_once(turn);
    settled = turn.state.stage == before || turn.state.forgotten;
  }
}

std::optional<TimePoint> next_decision(const Pod& pod, const PodState& state) {
  std::optional<TimePoint> earliest;
  if (state.stage == Stage::Pending)
    return may_start(state) ? std::optional(state.sandbox_not_before) : std::nullopt;
  keep_earliest(earliest, next_stop(state));
  if (state.stage == Stage::Up) {
    keep_earliest(earliest, deadline(pod, state));
    keep_earliest(earliest, next_start(pod, state));
  }
  return earliest;
}

}  // namespace podvisor
