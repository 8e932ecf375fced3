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

/// The file is older than what runs: writing it had failed.
void catch_up(Turn& turn, const ContainerRef& ref) {
  if (ref.container >= turn.state.containers.size()) return;
  ContainerState& container = turn.state.containers[ref.container];
  if (ref.instance <= container.instance()) return;
  if (container.alive())
    on_lost(turn, ref.container, "How the container ended had not been written down");
  container.run = Run::Starting;
  container.next_instance = ref.instance + 1;
  container.retry_at.reset();
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
  if (container.stop && container.stop->killed) kill_container(turn, i);
}

void settle(Turn& turn, ContainerIndex i, bool found) {
  const ContainerState& container = turn.state.containers[i];
  if (!container.alive()) return;
  if (found) return say_again(turn, i);
  if (container.run == Run::Starting) return start_again(turn, i);
  on_lost(turn, i, "The container was not there any more when podvisor started again");
}

constexpr int kMostInstances = 1 << 30;

const char* flaw_of(const Container& spec, const ContainerState& container) {
  if (container.next_instance < 0 || container.next_instance > kMostInstances)
    return "has no number";
  if (container.alive() && container.next_instance == 0) return "runs without having begun";
  if (container.run == Run::Exited && !container.termination) return "ended without an end";
  if (container.stop && !container.alive()) return "is stopped without being there";
  if (container.stop && container.stop->grace < Seconds{0}) return "has less than no time";
  if (container.hook && container.run != Run::Running) return "runs a hook without being there";
  const bool post_start = container.hook && container.hook->kind == HookKind::PostStart;
  const bool pre_stop = container.hook && container.hook->kind == HookKind::PreStop;
  if ((post_start && !spec.lifecycle.post_start) || (pre_stop && !spec.lifecycle.pre_stop) ||
      (pre_stop && !container.stop))
    return "runs a hook that it does not have";
  return nullptr;
}

}  // namespace

PodState resumed_pod_state(PodState written, TimePoint now) {
  written.adopting = may_have_sandbox(written.stage);
  for (ContainerState& container : written.containers)
    for (ProbeState& probe : container.probes) forget_attempt(probe, now);
  return written;
}

std::string flaw_of(const Pod& pod, const PodState& state) {
  const auto& containers = state.containers;
  if (containers.size() != pod.spec.containers.size()) return "it has other containers";
  const bool restarting = state.stage == Stage::Restarting;
  if (restarting && !state.restart) return "it restarts for no reason";
  if (state.restart && state.restart->container >= containers.size())
    return "it restarts for a container that it does not have";
  if (may_have_sandbox(state.stage) && state.sandbox_attempt < 0)
    return "it has no sandbox's number";
  for (ContainerIndex i = 0; i < containers.size(); ++i)
    if (const char* flaw = flaw_of(pod.spec.containers[i], containers[i]); flaw != nullptr)
      return "container " + pod.spec.containers[i].name + " " + flaw;
  return "";
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
  for (const ContainerRef& ref : event.found) catch_up(turn, ref);
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
