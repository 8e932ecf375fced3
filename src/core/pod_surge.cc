// A sidecar's failure while the main container serves on (DIF-2.4): the sidecar restarts alone, and
// a replacement for the whole pod is made beside it, unless the pod is whole again before.
#include <algorithm>

#include "core/container_view.h"

namespace podvisor {
namespace {

bool is_whole(const Turn& turn) {
  const ContainerView containers(turn.pod, turn.state);
  for (ContainerIndex i = 0; i < containers.size(); ++i) {
    const bool counts = containers.role(i) != ContainerRole::Init &&
                        !turn.spec().policy.noncritical.contains(turn.container(i).name);
    if (counts && (!containers.started(i) || containers[i].stop)) return false;
  }
  return is_ready(derive_status(turn.pod, turn.state, turn.now.wall));
}

}  // namespace

bool may_surge(const PodSpec& spec) {
  const bool own_network = spec.network == NetworkMode::Bridge || spec.network == NetworkMode::None;
  return own_network && !spec.host_network && !spec.policy.rollout.recreate &&
         spec.restart_policy == RestartPolicy::Always;
}

void begin_surge(Turn& turn, ContainerIndex i, RestartTrigger trigger) {
  PodState& state = turn.state;
  PodRestart restart{trigger, i, turn.now.monotonic};
  restart.surge = true;
  restart.before = state.restart_backoff;
  restart.replace_at = turn.now.monotonic + backoff_delay(state.restart_backoff, turn.now.monotonic,
                                                          turn.spec().policy.backoff);
  state.restart = restart;
}

void advance_surge(Turn& turn) {
  std::optional<PodRestart>& restart = turn.state.restart;
  if (!restart || !restart->surge) return;
  if (is_whole(turn)) {
    if (restart->requested) turn.act(pod_action::WithdrawReplacement{});
    return restart.reset();
  }
  if (restart->requested || turn.now.monotonic < restart->replace_at) return;
  restart->requested = true;
  turn.act(pod_action::RequestReplacement{});
}

std::optional<TimePoint> next_surge(const PodState& state) {
  if (!state.restart || !state.restart->surge || state.restart->requested) return std::nullopt;
  return state.restart->replace_at;
}

void on_replacement_begun(Turn& turn) {
  const std::optional<PodRestart>& restart = turn.state.restart;
  if (!restart || !restart->surge) return;
  count_restart(turn);
  turn.act(pod_action::CountPodRestart{restart->trigger, restart->container, true});
}

void on_replacement_refused(Turn& turn, const std::string& why) {
  if (!turn.state.restart || !turn.state.restart->surge) return;
  const PodRestart restart = *turn.state.restart;
  turn.state.restart_backoff = restart.before;  // one incident, counted once
  turn.state.restart.reset();
  turn.changed = true;
  if (!is_whole(turn)) recreate_pod(turn, restart.container, restart.trigger, why);
}

void on_replacement_ended(Turn& turn) {
  if (!turn.state.restart || !turn.state.restart->surge) return;
  turn.state.restart.reset();
  turn.changed = true;
}

}  // namespace podvisor
