// How a pod comes to its end: deletion, finished work, its deadline, an eviction (TRM, PHS-6,
// VOL-3).
#include "core/pod_turn.h"

namespace podvisor {
namespace {

using Stage = PodState::Stage;

bool is_ending(const PodState& state) {
  return state.deletion_requested || !state.failed_reason.empty() ||
         state.stage == Stage::Terminating || state.stage == Stage::Ended ||
         (state.stage == Stage::RemovingSandbox && !state.restart);
}

}  // namespace

void begin_termination(Turn& turn, Seconds grace) {
  PodState& state = turn.state;
  state.stage = Stage::Terminating;
  state.restart.reset();
  for (ContainerState& container : state.containers) {  // none waits for a restart any more
    if (container.run != ContainerState::Run::Exited) continue;
    container.waiting_reason.clear();
    container.waiting_message.clear();
  }
  const bool hurried = grace < turn.spec().termination_grace_period;
  drain_traffic(turn, hurried ? Duration(grace) : Duration::max());
  stop_all_containers(turn, StopReason::PodTermination, grace);
}

void end_pod(Turn& turn, Seconds grace) {
  PodState& state = turn.state;
  switch (state.stage) {
    case Stage::Pending:  // nothing exists, or nothing does any more
      state.restart.reset();
      state.stage = Stage::Ended;
      return;
    case Stage::MakingSandbox:
    case Stage::Up:
    case Stage::Restarting:
    case Stage::Terminating:
      return begin_termination(turn, grace);
    case Stage::RemovingSandbox:
      return state.restart.reset();
    case Stage::Ended:
      return;
  }
}

bool fail_pod(Turn& turn, const char* reason, std::string message, Seconds grace) {
  if (!turn.state.scheduled || is_ending(turn.state)) return false;
  turn.state.failed_reason = reason;
  turn.state.failed_message = std::move(message);
  end_pod(turn, grace);
  return true;
}

std::optional<TimePoint> deadline(const Pod& pod, const PodState& state) {
  if (!pod.spec.active_deadline || !state.start_time || is_ending(state)) return std::nullopt;
  return state.start_time->monotonic + *pod.spec.active_deadline;
}

}  // namespace podvisor
