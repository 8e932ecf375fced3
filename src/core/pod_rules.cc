// What follows from an exit: restartPolicyRules, then the policies (RST-2 … RST-6, RAC).
#include <algorithm>

#include "core/pod_turn.h"

namespace podvisor {
namespace {

using Action = RestartRule::Action;

RestartPolicy effective_policy(const Pod& pod, ContainerIndex i) {
  const Container& container = pod.spec.containers[i];
  if (container.role == ContainerRole::Sidecar) return RestartPolicy::Always;  // RST-6
  return container.restart_policy.value_or(pod.spec.restart_policy);
}

/// RAC-3: the first rule whose condition holds decides.
std::optional<Action> matching_rule(const Container& container, int exit_code) {
  for (const RestartRule& rule : container.restart_rules) {
    const bool listed = std::ranges::find(rule.exit_codes, exit_code) != rule.exit_codes.end();
    if (listed != rule.not_in) return rule.action;
  }
  return std::nullopt;
}

/// RAC-9: after a probe's kill the container is started again at once, whatever its rules say; they
/// count if it is not.
bool starts_anew_at_once(const Pod& pod, const ContainerState& container, ContainerIndex i) {
  return container.termination->probe_killed && effective_policy(pod, i) != RestartPolicy::Never &&
         restart_delay(pod, container) == Duration{0};
}

std::optional<Action> rule_for_exit(const Pod& pod, const PodState& state, ContainerIndex i) {
  const ContainerState& container = state.containers[i];
  if (starts_anew_at_once(pod, container, i)) return std::nullopt;
  return matching_rule(pod.spec.containers[i], container.termination->exit_code);
}

}  // namespace

Duration restart_delay(const Pod& pod, const ContainerState& container) {
  return backoff_delay(container.backoff, container.termination->finished.monotonic,
                       pod.spec.policy.backoff);
}

bool will_restart(const Pod& pod, const PodState& state, ContainerIndex i) {
  const ContainerState& container = state.containers[i];
  if (!container.termination || state.deletion_requested) return false;  // RST-1
  if (pod.spec.containers[i].role == ContainerRole::Init && container.completed) return false;
  if (rule_for_exit(pod, state, i)) return true;  // either action: alone, or with all the others
  switch (effective_policy(pod, i)) {
    case RestartPolicy::Always:
      return true;
    case RestartPolicy::OnFailure:  // RST-4: a probe's kill counts as a failure whatever the code
      return container.termination->exit_code != 0 || container.termination->probe_killed ||
             container.termination->oom_killed;
    case RestartPolicy::Never:
      break;
  }
  return false;
}

std::optional<ContainerIndex> restart_all_trigger(const Pod& pod, const PodState& state) {
  for (ContainerIndex i = 0; i < state.containers.size(); ++i) {
    const ContainerState& container = state.containers[i];
    if (container.run == ContainerState::Run::Exited && container.termination &&
        rule_for_exit(pod, state, i) == Action::RestartAllContainers)
      return i;
  }
  return std::nullopt;
}

}  // namespace podvisor
