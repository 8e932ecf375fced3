// Kubernetes' PodStatus, derived from the state; its rooms are container_status.cc, pod_phase.cc
// and pod_conditions.cc.
#include "podvisor/pod_status.h"

#include <algorithm>

#include "core/container_view.h"

namespace podvisor {

bool ContainerView::ready(ContainerIndex i) const {
  if (role(i) == ContainerRole::Init) return (*this)[i].completed;
  if (!started(i) || state_.restarting()) return false;
  if (!pod_.spec.containers[i].readiness_probe) return true;
  const auto& probe = (*this)[i].probes[static_cast<std::size_t>(ProbeKind::Readiness)];
  return probe.result == ProbeResult::Success;
}

const Termination* ContainerView::stopped(ContainerIndex i) const {
  const ContainerState& c = (*this)[i];
  if (running(i)) return nullptr;
  if (c.termination) return &*c.termination;
  return c.last_termination ? &*c.last_termination : nullptr;
}

bool ContainerView::comes_back(ContainerIndex i) const {
  return (*this)[i].run == ContainerState::Run::Exited ? will_restart(pod_, state_, i) : true;
}

PodStatus derive_status(const Pod& pod, const PodState& state, WallTime now) {
  const ContainerView containers(pod, state);
  PodStatus status;
  status.phase = derive_phase(state, containers);
  if (status.phase == PodPhase::Failed) {
    status.reason = state.failed_reason;
    status.message = state.failed_message;
  }
  status.pod_ip = state.pod_ip;
  if (state.start_time) status.start_time = state.start_time->wall;
  status.qos_class = qos_class(pod.spec);
  if (state.scheduled) fill_container_statuses(pod, state, containers, status);
  fill_conditions(pod, state, containers, status);
  keep_transition_times(state.status, now, status);
  status.traffic = derive_traffic(pod, state, status);
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
