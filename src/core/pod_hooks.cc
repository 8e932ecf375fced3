// Lifecycle hooks (HOK): postStart right after the start, preStop before the signal. Sleeps are
// waited for here; exec and httpGet run elsewhere and are answered by HookCompleted.
#include "core/pod_turn.h"

namespace podvisor {
namespace {

/// HOK-2.
void post_start_failed(Turn& turn, ContainerIndex i) {
  turn.warn("FailedPostStartHook", "PostStartHook failed", i);
  turn.normal("Killing", "FailedPostStartHook", i);
  feed_probes(turn, i, probe_event::InstanceEnded{});
  stop_container(turn, i, StopReason::PostStartHookFailed, turn.spec().termination_grace_period);
}

void post_start_succeeded(Turn& turn, ContainerIndex i) {
  turn.state.containers[i].started = !turn.container(i).startup_probe;
  tick_probes(turn);
}

}  // namespace

void run_hook(Turn& turn, ContainerIndex i, HookKind kind) {
  const Lifecycle& lifecycle = turn.container(i).lifecycle;
  const auto& action = kind == HookKind::PostStart ? lifecycle.post_start : lifecycle.pre_stop;
  HookRun run{kind, std::nullopt};
  if (const auto* sleep = std::get_if<SleepAction>(&*action))
    run.wakes_at = turn.now.monotonic + sleep->duration;
  else
    turn.act(pod_action::RunHook{turn.ref(i), kind});
  turn.state.containers[i].hook = run;
}

void cancel_hook(Turn& turn, ContainerIndex i) {
  std::optional<HookRun>& hook = turn.state.containers[i].hook;
  if (hook && !hook->wakes_at) turn.act(pod_action::CancelHook{turn.ref(i), hook->kind});
  hook.reset();
}

void complete_hook(Turn& turn, ContainerIndex i, bool succeeded) {
  ContainerState& container = turn.state.containers[i];
  const HookKind kind = container.hook->kind;
  container.hook.reset();
  turn.changed = true;
  if (kind == HookKind::PreStop) {
    if (!succeeded) turn.warn("FailedPreStopHook", "PreStopHook failed", i);  // HOK-4
    end_pre_stop(turn, i);
  } else if (succeeded) {
    post_start_succeeded(turn, i);
  } else {
    post_start_failed(turn, i);
  }
}

void advance_hook(Turn& turn, ContainerIndex i) {
  const std::optional<HookRun>& hook = turn.state.containers[i].hook;
  if (hook && hook->wakes_at && *hook->wakes_at <= turn.now.monotonic) complete_hook(turn, i, true);
}

std::optional<TimePoint> next_hook(const PodState& state) {
  std::optional<TimePoint> earliest;
  for (const ContainerState& container : state.containers)
    if (container.hook) keep_earliest(earliest, container.hook->wakes_at);
  return earliest;
}

}  // namespace podvisor
