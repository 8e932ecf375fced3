// Kubernetes' PodStatus, derived from the state: CND, PHS, CST, RDY.
#include "podvisor/pod_status.h"

#include <algorithm>

#include "core/pod_turn.h"

namespace podvisor {
namespace {

using Stage = PodState::Stage;
using Run = ContainerState::Run;

bool is_terminal(PodPhase phase) {
  return phase == PodPhase::Succeeded || phase == PodPhase::Failed;
}

bool exited_well(const Termination& end) { return end.exit_code == 0 && !end.oom_killed; }

// ---- containers -------------------------------------------------------------------------------

class Containers {
 public:
  Containers(const Pod& pod, const PodState& state) : pod_(pod), state_(state) {}

  [[nodiscard]] std::size_t size() const { return state_.containers.size(); }
  [[nodiscard]] ContainerRole role(ContainerIndex i) const { return pod_.spec.containers[i].role; }
  [[nodiscard]] const ContainerState& operator[](ContainerIndex i) const {
    return state_.containers[i];
  }
  [[nodiscard]] bool running(ContainerIndex i) const { return (*this)[i].run == Run::Running; }
  [[nodiscard]] bool started(ContainerIndex i) const { return running(i) && (*this)[i].started; }

  /// RDY-2, RDY-3. While the pod restarts nothing in it is ready (DIF-2.5, RAC-18).
  [[nodiscard]] bool ready(ContainerIndex i) const {
    if (role(i) == ContainerRole::Init) return (*this)[i].completed;
    if (!started(i) || state_.restart) return false;
    if (!pod_.spec.containers[i].readiness_probe) return true;
    const auto& probe = (*this)[i].probes[static_cast<std::size_t>(ProbeKind::Readiness)];
    return probe.result == ProbeResult::Success;
  }

  /// Stopped: terminated now, or waiting with a previous termination (PHS-1).
  [[nodiscard]] const Termination* stopped(ContainerIndex i) const {
    const ContainerState& c = (*this)[i];
    if (c.run == Run::Running) return nullptr;
    if (c.termination) return &*c.termination;
    return c.last_termination ? &*c.last_termination : nullptr;
  }

  [[nodiscard]] bool comes_back(ContainerIndex i) const {
    return (*this)[i].run == Run::Exited ? will_restart(pod_, state_, i) : true;
  }

  [[nodiscard]] bool regular_exists() const {
    for (ContainerIndex i = 0; i < size(); ++i)
      if (role(i) == ContainerRole::Regular &&
          ((*this)[i].alive() || (*this)[i].run == Run::Exited))
        return true;
    return false;
  }

 private:
  const Pod& pod_;
  const PodState& state_;
};

ContainerStateTerminated terminated(const Termination& end, const std::string& container_id) {
  return {.exit_code = end.exit_code,
          .signal = end.signal,
          .reason = end.reason,
          .message = end.message,
          .started_at = end.started.wall,
          .finished_at = end.finished.wall,
          .container_id = container_id + std::to_string(end.instance)};
}

ContainerStateWaiting waiting(const Pod& pod, const ContainerState& c) {
  if (!c.waiting_reason.empty()) return {c.waiting_reason, c.waiting_message};
  const bool has_init = pod.spec.containers.front().role != ContainerRole::Regular;
  return {has_init ? "PodInitializing" : "ContainerCreating", ""};  // CST-1
}

/// CST-2: a termination stays the state until a restart is refused or has happened.
void set_states(const Pod& pod, const ContainerState& c, const std::string& id,
                ContainerStatus& status) {
  const bool refused = c.run == Run::Exited && !c.waiting_reason.empty();
  const std::optional<Termination>& last = refused ? c.termination : c.last_termination;
  if (last) status.last_state = terminated(*last, id);
  if (c.run == Run::Running)
    status.state = ContainerStateRunning{c.started_at.wall};
  else if (c.termination && !refused)
    status.state = terminated(*c.termination, id);
  else
    status.state = waiting(pod, c);
}

ContainerStatus container_status(const Pod& pod, const Containers& containers, ContainerIndex i) {
  const Container& spec = pod.spec.containers[i];
  const ContainerState& c = containers[i];
  const std::string id = "podvisor://" + pod.metadata.uid + "/" + spec.name + "/";
  ContainerStatus status;
  status.name = spec.name;
  status.image = spec.image;
  if (c.next_instance > 0) status.container_id = id + std::to_string(c.instance());
  status.started = containers.started(i);
  status.ready = containers.ready(i);
  status.restart_count = c.restart_count();
  set_states(pod, c, id, status);
  return status;
}

void fill_container_statuses(const Pod& pod, const Containers& containers, PodStatus& status) {
  for (ContainerIndex i = 0; i < containers.size(); ++i) {
    auto& list = containers.role(i) == ContainerRole::Regular ? status.container_statuses
                                                              : status.init_container_statuses;
    list.push_back(container_status(pod, containers, i));
  }
  std::ranges::sort(status.container_statuses, {}, &ContainerStatus::name);  // CST-4
}

// ---- phase ------------------------------------------------------------------------------------

struct Tally {
  bool init_failed = false;
  bool init_pending = false;
  bool regular_waiting = false;
  bool anything_running = false;
  bool regular_stopped = false;
  bool regular_comes_back = false;
  bool all_exited_well = true;
};

void tally_init(const Containers& containers, ContainerIndex i, Tally& tally) {
  const ContainerState& c = containers[i];
  if (c.completed || containers.regular_exists()) return;
  const bool failed = c.run == Run::Exited && !containers.comes_back(i);
  (failed ? tally.init_failed : tally.init_pending) = true;
}

void tally_sidecar(const Containers& containers, ContainerIndex i, Tally& tally) {
  const bool never_ran = containers.stopped(i) == nullptr && !containers.running(i);
  const bool not_started = containers.running(i) && !containers.started(i);
  if ((never_ran || not_started) && !containers.regular_exists()) tally.init_pending = true;
}

void tally_regular(const Containers& containers, ContainerIndex i, Tally& tally) {
  if (containers.running(i)) {
    tally.anything_running = true;
  } else if (const Termination* end = containers.stopped(i)) {
    tally.regular_stopped = true;
    tally.regular_comes_back = tally.regular_comes_back || containers.comes_back(i);
    tally.all_exited_well = tally.all_exited_well && exited_well(*end);
  } else {
    tally.regular_waiting = true;
  }
}

Tally tally_containers(const Containers& containers) {
  Tally tally;
  for (ContainerIndex i = 0; i < containers.size(); ++i) {
    switch (containers.role(i)) {
      case ContainerRole::Init:
        tally_init(containers, i, tally);
        break;
      case ContainerRole::Sidecar:
        tally_sidecar(containers, i, tally);
        break;
      case ContainerRole::Regular:
        tally_regular(containers, i, tally);
        break;
    }
  }
  return tally;
}

/// PHS-1, first match wins. A terminal phase shows only once nothing runs (PHS-4).
PodPhase phase(const PodState& state, const Containers& containers) {
  if (is_terminal(state.status.phase)) return state.status.phase;
  const Tally tally = tally_containers(containers);
  const bool anything_alive =
      std::ranges::any_of(state.containers, [](const auto& c) { return c.alive(); });
  const bool over = !anything_alive &&
                    (state.stage == Stage::RemovingSandbox || state.stage == Stage::Ended) &&
                    !state.restart;
  if (over && !state.failed_reason.empty()) return PodPhase::Failed;
  if (tally.init_failed && over) return PodPhase::Failed;
  if (tally.init_pending || tally.init_failed) return PodPhase::Pending;
  if (tally.regular_waiting) return PodPhase::Pending;
  if (tally.anything_running) return PodPhase::Running;
  if (!tally.regular_stopped) return PodPhase::Pending;
  if (!over) return PodPhase::Running;
  return tally.all_exited_well ? PodPhase::Succeeded : PodPhase::Failed;
}

// ---- conditions -------------------------------------------------------------------------------

struct Names {
  std::string text;
  void add(const std::string& name) { text += (text.empty() ? "" : " ") + name; }
  [[nodiscard]] std::string message(const char* what) const {  // CND-3
    return std::string("containers with ") + what + " status: [" + text + "]";
  }
};

PodCondition initialized(const Pod& pod, const PodState& state, const Containers& containers) {
  if (state.initialized) return {.type = "Initialized", .status = true};
  Names incomplete;
  for (ContainerIndex i = 0; i < containers.size(); ++i) {
    const ContainerRole role = containers.role(i);
    const bool done = role == ContainerRole::Init ? containers.ready(i) : containers.started(i);
    if (role != ContainerRole::Regular && !done) incomplete.add(pod.spec.containers[i].name);
  }
  if (incomplete.text.empty()) return {.type = "Initialized", .status = true};
  return {"Initialized", false, "ContainersNotInitialized", incomplete.message("incomplete"), {}};
}

PodCondition containers_ready(const Pod& pod, const Containers& containers, PodPhase phase) {
  if (is_terminal(phase))  // CND-2
    return {"ContainersReady",
            false,
            phase == PodPhase::Succeeded ? "PodCompleted" : "PodFailed",
            "",
            {}};
  Names unready;
  for (ContainerIndex i = 0; i < containers.size(); ++i) {
    const std::string& name = pod.spec.containers[i].name;
    if (containers.role(i) == ContainerRole::Init || containers.ready(i)) continue;
    if (!pod.spec.policy.noncritical.contains(name)) unready.add(name);
  }
  if (unready.text.empty()) return {.type = "ContainersReady", .status = true};
  return {"ContainersReady", false, "ContainersNotReady", unready.message("unready"), {}};
}

PodCondition restarting(const Pod& pod, const PodRestart& restart) {
  PodCondition condition{"AllContainersRestarting", true, "SidecarFailed", "", {}};
  if (restart.trigger == RestartTrigger::Sandbox) {
    condition.reason = "SandboxChanged";
    condition.message = "the pod sandbox died; strategy Recreate";
  } else {
    condition.message = "container " + pod.spec.containers[restart.container].name + ", trigger " +
                        to_string(restart.trigger) + ", strategy Recreate";
  }
  return condition;
}

/// CND-7: the time moves only with the status.
void keep_transition_times(const PodStatus& before, WallTime now, PodStatus& status) {
  for (PodCondition& condition : status.conditions) {
    const PodCondition* old = find_condition(before, condition.type);
    const bool same = old != nullptr && old->status == condition.status;
    condition.last_transition_time = same ? old->last_transition_time : now;
  }
}

void fill_conditions(const Pod& pod, const PodState& state, const Containers& containers,
                     PodStatus& status) {
  status.conditions.push_back({.type = "PodReadyToStartContainers", .status = state.sandbox_ready});
  status.conditions.push_back(initialized(pod, state, containers));
  if (status.phase == PodPhase::Succeeded) status.conditions.back().reason = "PodCompleted";
  const PodCondition ready = containers_ready(pod, containers, status.phase);
  status.conditions.push_back(ready);
  status.conditions.back().type = "Ready";
  status.conditions.push_back(ready);
  status.conditions.push_back({.type = "PodScheduled", .status = true});
  if (state.restart)
    status.conditions.push_back(restarting(pod, *state.restart));
  else if (find_condition(state.status, "AllContainersRestarting") != nullptr)
    status.conditions.push_back({.type = "AllContainersRestarting"});
}

}  // namespace

PodStatus derive_status(const Pod& pod, const PodState& state, WallTime now) {
  const Containers containers(pod, state);
  PodStatus status;
  status.phase = phase(state, containers);
  if (status.phase == PodPhase::Failed) {
    status.reason = state.failed_reason;
    status.message = state.failed_message;
  }
  status.pod_ip = state.pod_ip;
  if (state.start_time) status.start_time = state.start_time->wall;
  status.qos_class = qos_class(pod.spec);
  fill_container_statuses(pod, containers, status);
  fill_conditions(pod, state, containers, status);
  keep_transition_times(state.status, now, status);
  return status;
}

const char* to_string(PodPhase phase) {
  switch (phase) {
    case PodPhase::Pending:
      return "Pending";
    case PodPhase::Running:
      return "Running";
    case PodPhase::Succeeded:
      return "Succeeded";
    case PodPhase::Failed:
      break;
  }
  return "Failed";
}

const PodCondition* find_condition(const PodStatus& status, const std::string& type) {
  const auto found = std::ranges::find(status.conditions, type, &PodCondition::type);
  return found == status.conditions.end() ? nullptr : &*found;
}

bool is_ready(const PodStatus& status) {
  const PodCondition* ready = find_condition(status, "Ready");
  return ready != nullptr && ready->status;
}

}  // namespace podvisor
