// What an event means for the instance that it is about: it runs, it could not be started, it
// ended.
#include <utility>

#include "core/pod_turn.h"
#include "core/sync_retry.h"

namespace podvisor {
namespace {

using Run = ContainerState::Run;

/// CST-5.
void keep_as_last(ContainerState& container) {
  if (container.termination) container.last_termination = std::move(container.termination);
  container.termination.reset();
}

std::string exit_reason(const ContainerState& container, const pod_event::ContainerExited& event) {
  if (event.oom_kills > 0) return "OOMKilled";  // RES-7, whatever the exit code
  if (container.stop && (container.stop->reason == StopReason::PodRestart ||
                         container.stop->reason == StopReason::RestartInPlace))
    return "RestartingAllContainers";  // DIF-2.9
  return event.exit_code == 0 ? "Completed" : "Error";
}

bool ended_by_probe(const std::optional<Stop>& stop) {
  return stop &&
         (stop->reason == StopReason::LivenessFailed || stop->reason == StopReason::StartupFailed);
}

void end(Turn& turn, ContainerIndex i, Termination termination) {
  ContainerState& container = turn.state.containers[i];
  cancel_hook(turn, i);
  feed_probes(turn, i, probe_event::InstanceEnded{});
  keep_as_last(container);
  termination.started = container.run == Run::Running ? container.started_at : turn.now;
  termination.finished = turn.now;
  termination.instance = container.instance();
  termination.probe_killed = ended_by_probe(container.stop);
  const bool succeeded = termination.exit_code == 0 && !termination.oom_killed;  // RES-10
  container.completed = turn.container(i).role == ContainerRole::Init && succeeded;
  container.termination = std::move(termination);
  container.run = Run::Exited;
  container.removed = false;
  container.pid = 0;
  container.started = false;
  const std::optional<Stop> stop = std::exchange(container.stop, std::nullopt);
  if (stop && stop->reason == StopReason::PostStartHookFailed &&
      will_restart(turn.pod, turn.state, i))
    container.waiting_reason = "PostStartHookError";  // HOK-2
}

}  // namespace

void on_started(Turn& turn, ContainerIndex i, std::int64_t pid) {
  ContainerState& container = turn.state.containers[i];
  keep_as_last(container);
  container.waiting_reason.clear();
  container.waiting_message.clear();
  container.run = Run::Running;
  container.removed = false;
  container.pid = pid;
  container.started_at = turn.now;
  const bool post_start = turn.container(i).lifecycle.post_start && !container.stop;
  container.started = !turn.container(i).startup_probe && !post_start;  // RDY-1
  turn.state.pulls.erase(turn.container(i).image);
  turn.changed = true;
  turn.normal("Created", "Container created", i);
  turn.normal("Started", "Container started", i);
  if (post_start) run_hook(turn, i, HookKind::PostStart);
  if (!container.stop)
    feed_probes(turn, i, probe_event::InstanceStarted{turn.spec().policy.fast_ready});
}

void on_start_failed(Turn& turn, ContainerIndex i, const pod_event::ContainerStartFailed& event) {
  ContainerState& container = turn.state.containers[i];
  turn.changed = true;
  if (event.reason == "StartError") {  // the process could not be started: an exit of 128
    turn.warn("Failed", "Error: " + event.message, i);
    return end(turn, i, {.exit_code = 128, .reason = event.reason, .message = event.message});
  }
  take_back_start(turn, i);  // something around the container is missing: try again later
  if (is_image_reason(event.reason)) return on_image_failed(turn, i, event.reason, event.message);
  turn.warn("Failed", "Error: " + event.message, i);
  container.waiting_reason = event.reason;
  container.waiting_message = event.message;
  container.retry_at = turn.now.monotonic + sync_retry(turn.spec());
}

void on_exited(Turn& turn, ContainerIndex i, const pod_event::ContainerExited& event) {
  turn.changed = true;
  end(turn, i,
      {.exit_code = event.exit_code,
       .signal = event.signal,
       .oom_killed = event.oom_kills > 0,
       .reason = exit_reason(turn.state.containers[i], event),
       .message = event.message});
  if (event.oom_kills > 0) on_oom_kill(turn, i, event.oom_kills);
}

void on_lost(Turn& turn, ContainerIndex i, std::string message) {
  end(turn, i,
      {.exit_code = 137,
       .signal = 9,
       .reason = "ContainerStatusUnknown",
       .message = std::move(message)});
}

void take_back_start(Turn& turn, ContainerIndex i) {
  ContainerState& container = turn.state.containers[i];
  keep_as_last(container);
  container.run = Run::Waiting;
  --container.next_instance;
  container.stop.reset();
}

}  // namespace podvisor
