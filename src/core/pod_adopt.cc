// What an earlier podvisor left of a pod: which of its containers are there, and what has to be
// said again because nobody knows whether it was done.
#include <algorithm>

#include "core/pod_turn.h"

namespace podvisor {
namespace {

using Stage = PodState::Stage;
using Run = ContainerState::Run;

bool may_have_sandbox(Stage stage) { return stage != Stage::Pending && stage != Stage::Ended; }

/// One whose attempt was under way is due again, as the attempt on the same tick.
void forget_attempt(ProbeState& probe, TimePoint now) {
  if (probe.phase != ProbeState::Phase::InFlight) return;
  probe.phase = ProbeState::Phase::Waiting;
  probe.tries = 0;
  if (!probe.added) probe.tick = std::min(now, probe.attempt_started);
  probe.due = std::min(now, probe.tick);
}

/// Nothing is known of the pod but what runs: so much has happened in any case.
void rebuild(Turn& turn, const pod_event::SandboxAdopted& event) {
  PodState& state = turn.state;
  state.sandbox_attempt = event.attempt;
  ContainerIndex reached = 0;
  for (const ContainerRef& ref : event.found) {
    if (ref.container >= state.containers.size()) continue;
    ContainerState& container = state.containers[ref.container];
    container.run = Run::Starting;
    container.next_instance = std::max(container.next_instance, ref.instance + 1);
    reached = std::max(reached, ref.container);
    if (turn.container(ref.container).role == ContainerRole::Regular)
      state.sandbox_initialized = true;
  }
  for (ContainerIndex i = 0; i < reached; ++i) {
    ContainerState& container = state.containers[i];
    if (turn.container(i).role != ContainerRole::Init || container.run != Run::Waiting) continue;
    container.completed = true;
    container.next_instance = 1;
    container.run = Run::Exited;
    container.termination =
        Termination{.reason = "Completed", .started = turn.now, .finished = turn.now};
  }
}

/// A start that was said, and of which nothing is there.
void start_again(Turn& turn, ContainerIndex i) {
  if (turn.state.containers[i].stop) return take_back_start(turn, i);
  turn.act(pod_action::StartContainer{turn.ref(i)});
}

void say_again(Turn& turn, ContainerIndex i) {
  const ContainerState& container = turn.state.containers[i];
  if (container.hook && !container.hook->wakes_at)
    turn.act(pod_action::RunHook{turn.ref(i), container.hook->kind});  // HOK: at least once
  if (container.stop && container.stop->killed) turn.act(pod_action::KillContainer{turn.ref(i)});
}

void settle(Turn& turn, ContainerIndex i, bool found) {
  const ContainerState& container = turn.state.containers[i];
  if (!container.alive()) return;
  if (found) return say_again(turn, i);
  if (container.run == Run::Starting) return start_again(turn, i);
  on_lost(turn, i, "The container was not there any more when podvisor started again");
}

}  // namespace

PodState resumed_pod_state(PodState written, TimePoint now) {
  written.adopting = may_have_sandbox(written.stage);
  for (ContainerState& container : written.containers)
    for (ProbeState& probe : container.probes) forget_attempt(probe, now);
  return written;
}

PodState lost_pod_state(const Pod& pod, Instant now) {
  PodState state = initial_pod_state(pod);
  state.admitted = state.scheduled = true;
  state.start_time = now;
  state.stage = Stage::Up;
  state.adopting = true;
  return state;
}

void on_sandbox_up(Turn& turn, const std::string& pod_ip) {
  PodState& state = turn.state;
  state.stage = Stage::Up;
  state.sandbox_ready = true;
  state.pod_ip = pod_ip;
  state.restart.reset();
  state.traffic = PodState::Traffic::Admitted;
  turn.changed = true;
}

void on_adopted(Turn& turn, const pod_event::SandboxAdopted& event) {
  PodState& state = turn.state;
  state.adopting = false;
  turn.changed = true;
  const bool lost = state.sandbox_attempt < 0;
  if (lost) rebuild(turn, event);
  if (state.stage == Stage::MakingSandbox || (lost && state.stage == Stage::Up))
    on_sandbox_up(turn, event.pod_ip);
  if (state.stage == Stage::RemovingSandbox)
    return turn.act(pod_action::RemoveSandbox{state.sandbox_attempt});
  state.sandbox_ready = true;
  state.pod_ip = event.pod_ip;
  if (state.traffic == PodState::Traffic::Draining)
    turn.act(pod_action::DrainTraffic{state.sandbox_attempt, state.drain_limit});
  for (ContainerIndex i = 0; i < state.containers.size(); ++i) {
    const bool found = std::ranges::find(event.found, turn.ref(i)) != event.found.end();
    settle(turn, i, found);
  }
  if (lost && state.stage == Stage::Terminating)  // deleted before it was known what runs
    stop_all_containers(turn, StopReason::PodTermination, turn.spec().termination_grace_period);
}

void on_nothing_adopted(Turn& turn) {
  PodState& state = turn.state;
  state.adopting = false;
  turn.changed = true;
  if (state.stage == Stage::MakingSandbox)
    turn.act(pod_action::MakeSandbox{state.sandbox_attempt});
  else if (state.stage == Stage::RemovingSandbox)
    turn.act(pod_action::RemoveSandbox{state.sandbox_attempt});
  else if (state.stage == Stage::Up && !state.sandbox_ready)  // its state was lost as well
    state.stage = Stage::Pending;
}

}  // namespace podvisor
