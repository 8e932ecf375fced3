// The pod's conditions (CND).
#include <algorithm>
#include <array>

#include "core/container_view.h"

namespace podvisor {
namespace {

struct Names {
  std::string text;
  void add(const std::string& name) { text += (text.empty() ? "" : " ") + name; }
  [[nodiscard]] std::string message(const char* what) const {  // CND-3
    return std::string("containers with ") + what + " status: [" + text + "]";
  }
};

PodCondition unknown_statuses(std::string type) {  // CND-5
  return {std::move(type), false, "UnknownContainerStatuses", "", {}};
}

PodCondition initialized(const Pod& pod, const PodState& state, const ContainerView& containers) {
  if (state.initialized) return {.type = "Initialized", .status = true};
  Names incomplete;
  for (ContainerIndex i = 0; i < containers.size(); ++i) {
    const ContainerRole role = containers.role(i);
    const bool done = role == ContainerRole::Init ? containers.ready(i) : containers.started(i);
    if (role != ContainerRole::Regular && !done) incomplete.add(pod.spec.containers[i].name);
  }
  if (incomplete.text.empty()) return {.type = "Initialized", .status = true};
  if (!state.scheduled) return unknown_statuses("Initialized");
  return {"Initialized", false, "ContainersNotInitialized", incomplete.message("incomplete"), {}};
}

PodCondition containers_ready(const Pod& pod, const PodState& state,
                              const ContainerView& containers, PodPhase phase) {
  if (is_terminal(phase))  // CND-2
    return {"ContainersReady",
            false,
            phase == PodPhase::Succeeded ? "PodCompleted" : "PodFailed",
            "",
            {}};
  if (!state.scheduled) return unknown_statuses("ContainersReady");
  Names unready;
  for (ContainerIndex i = 0; i < containers.size(); ++i) {
    const std::string& name = pod.spec.containers[i].name;
    if (containers.role(i) == ContainerRole::Init || containers.ready(i)) continue;
    if (!pod.spec.policy.noncritical.contains(name)) unready.add(name);
  }
  if (unready.text.empty()) return {.type = "ContainersReady", .status = true};
  return {"ContainersReady", false, "ContainersNotReady", unready.message("unready"), {}};
}

/// CND-6: what keeps the gate shut; empty: nothing.
std::string gate_problem(const PodState& state, const std::string& gate) {
  const auto set = std::ranges::find(state.other_conditions, gate, &PodCondition::type);
  if (set == state.other_conditions.end())
    return "corresponding condition of pod readiness gate \"" + gate + "\" does not exist.";
  if (set->status) return "";
  return "the status of pod readiness gate \"" + gate + "\" is not \"True\", but " +
         to_string(status_of(*set));
}

/// ContainersReady, and every readiness gate (CND-6, CND-9).
PodCondition ready(const Pod& pod, const PodState& state, PodCondition containers_ready) {
  containers_ready.type = "Ready";
  if (!containers_ready.status) return containers_ready;
  std::string problems;
  for (const std::string& gate : pod.spec.readiness_gates) {
    const std::string problem = gate_problem(state, gate);
    if (!problem.empty()) problems += (problems.empty() ? "" : ", ") + problem;
  }
  if (problems.empty()) return containers_ready;
  return {"Ready", false, "ReadinessGatesNotReady", problems, {}};
}

PodCondition scheduled(const PodState& state) {
  if (state.unschedulable.empty()) return {.type = "PodScheduled", .status = state.scheduled};
  return {"PodScheduled", false, "Unschedulable", state.unschedulable, {}};
}

bool has_restart_all_rule(const Pod& pod) {
  return std::ranges::any_of(pod.spec.containers, [](const Container& container) {
    return std::ranges::any_of(container.restart_rules, [](const RestartRule& rule) {
      return rule.action == RestartRule::Action::RestartAllContainers;
    });
  });
}

PodCondition restarting(const Pod& pod, const PodRestart& restart) {
  PodCondition condition{"AllContainersRestarting", true, "SidecarFailed", "", {}};
  if (restart.trigger == RestartTrigger::Rule) {  // RAC-10
    condition.reason = "RestartAllContainersStarted";
    condition.message = "container exited with restart policy rule";
  } else if (restart.trigger == RestartTrigger::Sandbox) {
    condition.reason = "SandboxChanged";
    condition.message = "the pod sandbox died; strategy Recreate";
  } else {
    condition.message = "container " + pod.spec.containers[restart.container].name + ", trigger " +
                        to_string(restart.trigger) + ", strategy " +
                        (restart.surge ? "Surge" : "Recreate");
  }
  return condition;
}

void add_restarting(const Pod& pod, const PodState& state, PodStatus& status) {
  const std::string type = "AllContainersRestarting";
  if (state.restart)
    status.conditions.push_back(restarting(pod, *state.restart));
  else if (has_restart_all_rule(pod) || find_condition(state.status, type) != nullptr)
    status.conditions.push_back({.type = type});
}

}  // namespace

void fill_conditions(const Pod& pod, const PodState& state, const ContainerView& containers,
                     PodStatus& status) {
  auto& conditions = status.conditions;
  conditions.push_back({.type = "PodReadyToStartContainers", .status = state.sandbox_ready});
  conditions.push_back(initialized(pod, state, containers));
  if (status.phase == PodPhase::Succeeded) conditions.back().reason = "PodCompleted";
  PodCondition all_ready = containers_ready(pod, state, containers, status.phase);
  conditions.push_back(ready(pod, state, all_ready));
  conditions.push_back(std::move(all_ready));
  conditions.push_back(scheduled(state));
  add_restarting(pod, state, status);
  conditions.insert(conditions.end(), state.other_conditions.begin(), state.other_conditions.end());
}

void keep_transition_times(const PodStatus& before, WallTime now, PodStatus& status) {
  for (PodCondition& condition : status.conditions) {
    const PodCondition* old = find_condition(before, condition.type);
    const bool same = old != nullptr && status_of(*old) == status_of(condition);
    condition.last_transition_time = same ? old->last_transition_time : now;
  }
}

bool is_own_condition(const std::string& type) {
  constexpr std::array kOwn = {
      "PodReadyToStartContainers", "Initialized",  "Ready",
      "ContainersReady",           "PodScheduled", "AllContainersRestarting"};
  return std::ranges::find(kOwn, type) != kOwn.end();
}

ConditionStatus status_of(const PodCondition& condition) {
  if (condition.unknown) return ConditionStatus::Unknown;
  return condition.status ? ConditionStatus::True : ConditionStatus::False;
}

const char* to_string(ConditionStatus status) {
  switch (status) {
    case ConditionStatus::True:
      return "True";
    case ConditionStatus::False:
      return "False";
    case ConditionStatus::Unknown:
      break;
  }
  return "Unknown";
}

}  // namespace podvisor
