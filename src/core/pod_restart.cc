// Whose failure restarts the whole pod, and how (DIF-2, with Surge in pod_surge.cc; RAC; SBX).
#include <algorithm>

#include "core/pod_turn.h"
#include "podvisor/quantity_text.h"

namespace podvisor {
namespace {

using Stage = PodState::Stage;
using Run = ContainerState::Run;

bool any_regular_completed(const Turn& turn) {
  for (ContainerIndex i = 0; i < turn.state.containers.size(); ++i) {
    const std::optional<Termination>& end = turn.state.containers[i].termination;
    if (turn.container(i).role == ContainerRole::Regular && end && end->exit_code == 0 &&
        !end->oom_killed)
      return true;
  }
  return false;
}

/// DIF-2.12: a restart of the pod must not run finished work again.
bool would_repeat_finished_work(const Turn& turn) {
  switch (turn.spec().restart_policy) {
    case RestartPolicy::Always:
      return false;
    case RestartPolicy::OnFailure:
      return any_regular_completed(turn);
    case RestartPolicy::Never:
      break;
  }
  return true;
}

/// DIF-2.1.
bool restarts_pod(const Turn& turn, ContainerIndex i) {
  const PodPolicy& policy = turn.spec().policy;
  const Container& container = turn.container(i);
  if (turn.state.stage != Stage::Up || turn.state.restart ||
      policy.restart_scope == RestartScope::Container ||
      policy.noncritical.contains(container.name) || container.role == ContainerRole::Init)
    return false;
  if (policy.restart_scope == RestartScope::Sidecars && i == policy.main_container) return false;
  return !would_repeat_finished_work(turn);
}

const char* what_happened(RestartTrigger trigger) {
  switch (trigger) {
    case RestartTrigger::Oom:
      return " was OOM-killed";
    case RestartTrigger::Liveness:
      return " failed its liveness probe";
    case RestartTrigger::Startup:
      return " failed its startup probe";
    case RestartTrigger::Rule:
      return " exited with a code that its restart policy rules name";
    case RestartTrigger::Sandbox:
      break;
  }
  return " lost its sandbox";
}

/// DIF-2.5: Surge wants something that serves on.
void restart_pod(Turn& turn, ContainerIndex i, RestartTrigger trigger) {
  if (!turn.state.sandbox_initialized || !may_surge(turn.spec()))
    return recreate_pod(turn, i, trigger, "");
  turn.warn("SidecarFailed",
            "Container " + turn.container(i).name + what_happened(trigger) +
                "; replacing the pod (Surge)",
            i);
  begin_surge(turn, i, trigger);
}

/// TRM-6.
Seconds probe_kill_grace(const Turn& turn, ContainerIndex i, ProbeKind kind) {
  return turn.container(i).probe(kind)->termination_grace_period.value_or(
      turn.spec().termination_grace_period);
}

/// RST-4, RST-5. A sidecar's message has no suffix.
std::string kill_message(const Turn& turn, ContainerIndex i, ProbeKind kind) {
  const Container& container = turn.container(i);
  const bool sidecar = container.role == ContainerRole::Sidecar;
  const std::string text =
      (sidecar ? "Init container " : "Container ") + container.name +
      (kind == ProbeKind::Liveness ? " failed liveness probe" : " failed startup probe");
  const RestartPolicy policy = container.restart_policy.value_or(turn.spec().restart_policy);
  return sidecar || policy == RestartPolicy::Never ? text : text + ", will be restarted";
}

bool ever_ran(const PodState& state) {
  return std::ranges::any_of(state.containers,
                             [](const auto& each) { return each.next_instance > 0; });
}

}  // namespace

void recreate_pod(Turn& turn, ContainerIndex i, RestartTrigger trigger, const std::string& why) {
  turn.state.stage = Stage::Restarting;
  turn.state.restart = PodRestart{trigger, i, turn.now.monotonic};
  turn.warn("SidecarFailed",
            "Container " + turn.container(i).name + what_happened(trigger) +
                "; restarting the whole pod (Recreate" + (why.empty() ? "" : ": " + why) + ")",
            i);
  turn.act(pod_action::CountPodRestart{trigger, i});
  drain_traffic(turn, Duration::max());
  stop_all_containers(turn, StopReason::PodRestart, turn.spec().termination_grace_period);
}

void on_oom_kill(Turn& turn, ContainerIndex i, std::int64_t kills) {
  const auto limit = turn.container(i).resources.memory_limit;
  turn.warn("OOMKilling",
            "Container " + turn.container(i).name + " was OOM-killed (" + std::to_string(kills) +
                (kills == 1 ? " kill" : " kills") +
                (limit ? ", memory limit " + quantity_text(*limit) : "") + ")",
            i);  // EVT-23
  if (restarts_pod(turn, i)) restart_pod(turn, i, RestartTrigger::Oom);
}

void on_probe_failure(Turn& turn, ContainerIndex i, ProbeKind kind) {
  const ContainerState& container = turn.state.containers[i];
  if (container.run != Run::Running || container.stop || turn.state.stage != Stage::Up) return;
  const bool liveness = kind == ProbeKind::Liveness;
  turn.normal("Killing", kill_message(turn, i, kind), i);
  stop_container(turn, i, liveness ? StopReason::LivenessFailed : StopReason::StartupFailed,
                 probe_kill_grace(turn, i, kind));
  if (restarts_pod(turn, i))
    restart_pod(turn, i, liveness ? RestartTrigger::Liveness : RestartTrigger::Startup);
}

void on_sandbox_died(Turn& turn) {
  PodState& state = turn.state;
  if (state.stage != Stage::Up && state.stage != Stage::Restarting) return;
  if (turn.spec().restart_policy == RestartPolicy::Never && ever_ran(state)) {  // SBX-3
    begin_termination(turn, Seconds{1});
    return;
  }
  turn.normal("SandboxChanged", "Pod sandbox changed, it will be killed and re-created.");
  if (state.stage == Stage::Restarting) {  // one incident, one restart (DIF-2.8)
    state.restart->in_place = false;
    return;
  }
  state.stage = Stage::Restarting;
  state.restart = PodRestart{RestartTrigger::Sandbox, 0, turn.now.monotonic};
  turn.act(pod_action::CountPodRestart{RestartTrigger::Sandbox, 0});
}

void restart_in_place(Turn& turn, ContainerIndex trigger) {
  PodState& state = turn.state;
  state.stage = Stage::Restarting;
  state.restart = PodRestart{RestartTrigger::Rule, trigger, turn.now.monotonic, true};
  const int code = state.containers[trigger].termination->exit_code;
  turn.normal("RestartingAllContainers",
              "Container " + turn.container(trigger).name + " exited with code " +
                  std::to_string(code) + "; its restart policy rules restart all containers",
              trigger);
  turn.act(pod_action::CountPodRestart{RestartTrigger::Rule, trigger});
  drain_traffic(turn, Duration::max());
  stop_all_containers(turn, StopReason::RestartInPlace, Seconds{0});  // RAC-11
}

}  // namespace podvisor
