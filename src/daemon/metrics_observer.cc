#include "daemon/metrics_observer.h"

#include <algorithm>
#include <variant>

namespace podvisor {
namespace {

/// No container of the pod had run before this one.
bool is_first_start(const PodState& state, const ContainerRef& started) {
  if (started.instance != 0) return false;
  for (ContainerIndex i = 0; i < state.containers.size(); ++i)
    if (i != started.container && (state.containers[i].pid != 0 || state.containers[i].termination))
      return false;
  return true;
}

struct CountEvent {
  Metrics& metrics;
  const Pod& pod;
  const PodState& state;

  void operator()(const pod_event::SandboxFailed&) const { metrics.pod_start_failed(); }
  void operator()(const pod_event::ContainerStarted& event) const {
    const ContainerState& container = state.containers[event.ref.container];
    if (state.start_time && is_first_start(state, event.ref))
      metrics.pod_running(container.started_at.monotonic - state.start_time->monotonic);
  }
  void operator()(const pod_event::ContainerStartFailed& event) const {
    metrics.container_start_failed(pod, event.ref.container, event.reason);
  }
  void operator()(const pod_event::ContainerExited& event) const {
    // The termination has moved on if the step has already begun another instance or sandbox.
    const ContainerState& container = state.containers[event.ref.container];
    const auto& ended = container.termination ? container.termination : container.last_termination;
    if (ended)
      metrics.container_terminated(pod, event.ref.container, event.exit_code, ended->reason);
  }
  void operator()(const auto&) const {}
};

struct CountAction {
  Metrics& metrics;
  const Pod& pod;

  void operator()(const pod_action::MakeSandbox&) const { metrics.pod_starting(); }
  void operator()(const pod_action::StartContainer& action) const {
    metrics.container_starting(pod, action.ref.container);
  }
  void operator()(const pod_action::CountVerdict& action) const {
    metrics.count_verdict(pod, action);
  }
  void operator()(const pod_action::CountPodRestart& action) const {
    metrics.count_pod_restart(pod, action);
  }
  void operator()(const pod_action::ForgetPod&) const { metrics.forget_pod(pod); }
  void operator()(const auto&) const {}
};

}  // namespace

void MetricsObserver::stepped(const Pod& pod, const PodEvent& event, const PodStep& step) {
  std::visit(CountEvent{metrics_, pod, step.state}, event);
  for (const PodAction& action : step.actions) std::visit(CountAction{metrics_, pod}, action);
}

}  // namespace podvisor
