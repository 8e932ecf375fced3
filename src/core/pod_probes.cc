// Probes of the containers that live: feeds each its events and carries out what it says (PRB).
#include "core/pod_turn.h"

namespace podvisor {
namespace {

using Run = ContainerState::Run;
constexpr std::array kAllKinds = {ProbeKind::Startup, ProbeKind::Readiness, ProbeKind::Liveness};

ProbeState& probe_state(Turn& turn, ContainerIndex i, ProbeKind kind) {
  return turn.state.containers[i].probes[static_cast<std::size_t>(kind)];
}

class Perform {
 public:
  Perform(Turn& turn, ContainerIndex i, ProbeKind kind) : turn_(turn), i_(i), kind_(kind) {}

  void operator()(const probe_action::StartAttempt& action) {
    turn_.act(pod_action::StartAttempt{turn_.ref(i_), kind_, action.attempt_id});
  }

  void operator()(const probe_action::CancelAttempt& action) {
    turn_.act(pod_action::CancelAttempt{action.attempt_id});
  }

  void operator()(const probe_action::Verdicted& action) {
    if (action.verdict != Verdict::Error)  // PRB-17
      turn_.act(pod_action::CountVerdict{i_, kind_, action.verdict, action.duration});
    const std::string type = to_string(kind_);
    switch (action.verdict) {
      case Verdict::Success:
        return;
      case Verdict::Warning:
        return turn_.warn("ProbeWarning", type + " probe warning: " + action.output, i_);
      case Verdict::Failure:
        if (action.added) return;  // the ramp's own; PRB-18 is about those that count
        return turn_.warn("Unhealthy", type + " probe failed: " + action.output, i_);
      case Verdict::Error:
        return turn_.warn("Unhealthy",
                          type + " probe errored and resulted in unknown state: " + action.output,
                          i_);
    }
  }

  void operator()(const probe_action::Published& action) {
    turn_.changed = true;
    if (kind_ == ProbeKind::Startup && action.result == ProbeResult::Success)
      turn_.state.containers[i_].started = true;
    if (kind_ != ProbeKind::Readiness && action.result == ProbeResult::Failure)
      on_probe_failure(turn_, i_, kind_);  // PRB-24
  }

 private:
  Turn& turn_;
  ContainerIndex i_;
  ProbeKind kind_;
};

/// PRB-14: until the container is started only its startup probe runs, afterwards all but that.
bool gate_open(const ContainerState& container, ProbeKind kind) {
  return container.started != (kind == ProbeKind::Startup);
}

/// Whatever fell due while postStart ran comes right after it.
bool waits_for_post_start(const ContainerState& container) {
  return container.hook && container.hook->kind == HookKind::PostStart;
}

}  // namespace

void feed_probe(Turn& turn, ContainerIndex i, ProbeKind kind, const ProbeEvent& event) {
  const std::optional<Probe>& spec = turn.container(i).probe(kind);
  if (!spec) return;
  std::vector<ProbeAction> actions;
  ProbeState& state = probe_state(turn, i, kind);
  const ProbeState before = state;
  step(*spec, kind, state, event, turn.now.monotonic, actions);
  if (state.run != before.run || state.last_success != before.last_success) turn.counted = true;
  for (const ProbeAction& action : actions) std::visit(Perform(turn, i, kind), action);
}

void feed_probes(Turn& turn, ContainerIndex i, const ProbeEvent& event) {
  for (const ProbeKind kind : kAllKinds) feed_probe(turn, i, kind, event);
  const bool began = std::holds_alternative<probe_event::InstanceStarted>(event);
  if (!began || waits_for_post_start(turn.state.containers[i])) return;
  for (const ProbeKind kind : kAllKinds)  // an initial delay of zero is due at once
    feed_probe(turn, i, kind, probe_event::Tick{gate_open(turn.state.containers[i], kind)});
}

void tick_probes(Turn& turn) {
  for (ContainerIndex i = 0; i < turn.state.containers.size(); ++i) {
    ContainerState& container = turn.state.containers[i];
    if (container.run != Run::Running || waits_for_post_start(container)) continue;
    for (const ProbeKind kind : kAllKinds) {
      const std::optional<TimePoint> due = wake_at(probe_state(turn, i, kind));
      if (due && *due <= turn.now.monotonic)
        feed_probe(turn, i, kind, probe_event::Tick{gate_open(container, kind)});
    }
  }
}

std::optional<TimePoint> next_probe(const PodState& state) {
  std::optional<TimePoint> earliest;
  for (const ContainerState& container : state.containers) {
    if (container.run != Run::Running || waits_for_post_start(container)) continue;
    for (const ProbeState& probe : container.probes) keep_earliest(earliest, wake_at(probe));
  }
  return earliest;
}

void trigger_readiness(Turn& turn) {
  for (ContainerIndex i = 0; i < turn.state.containers.size(); ++i) {
    const ContainerState& container = turn.state.containers[i];
    if (container.run != Run::Running || !container.started) continue;
    if (probe_state(turn, i, ProbeKind::Readiness).result != ProbeResult::Success)
      feed_probe(turn, i, ProbeKind::Readiness, probe_event::Trigger{});
  }
}

}  // namespace podvisor
