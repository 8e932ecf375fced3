// The members of everything that is written down, with the names they have in a file: one list
// each, for writing, reading, comparing and for the tests' random values. A binding names every
// member of its struct, so a member that is added and not written down does not compile.
//
// A name that is changed or a meaning that is changed is a new kSchemaVersion (stamp.h); a member
// that is added is not: where a file lacks it, it has its default.
#pragma once

#include <concepts>
#include <type_traits>

#include "podvisor/ports/journal.h"

namespace podvisor::state {

template <typename T, typename Struct>
concept Is = std::same_as<std::remove_const_t<T>, Struct>;

void fields(Is<Instant> auto& value, auto&& each) {
  auto& [monotonic, wall] = value;
  each("monotonic", monotonic);
  each("wall", wall);
}

void fields(Is<ContainerRef> auto& value, auto&& each) {
  auto& [container, instance] = value;
  each("container", container);
  each("instance", instance);
}

void fields(Is<BackoffSeries> auto& value, auto&& each) {
  auto& [last_start, delay] = value;
  each("lastStart", last_start);
  each("delay", delay);
}

void fields(Is<ProbeState> auto& value, auto&& each) {
  auto& [phase, result, last_success, run, tries, attempt_id, due, tick, ramp, added, not_before,
         attempt_started] = value;
  each("phase", phase);
  each("result", result);
  each("lastSuccess", last_success);
  each("run", run);
  each("tries", tries);
  each("attemptId", attempt_id);
  each("due", due);
  each("tick", tick);
  each("ramp", ramp);
  each("added", added);
  each("notBefore", not_before);
  each("attemptStarted", attempt_started);
}

void fields(Is<HookRun> auto& value, auto&& each) {
  auto& [kind, wakes_at] = value;
  each("kind", kind);
  each("wakesAt", wakes_at);
}

void fields(Is<Stop> auto& value, auto&& each) {
  auto& [reason, since, grace, pre_stopped, terminated, killed, kill_at] = value;
  each("reason", reason);
  each("since", since);
  each("grace", grace);
  each("preStopped", pre_stopped);
  each("terminated", terminated);
  each("killed", killed);
  each("killAt", kill_at);
}

void fields(Is<Termination> auto& value, auto&& each) {
  auto& [exit_code, signal, oom_killed, probe_killed, reason, message, started, finished,
         instance] = value;
  each("exitCode", exit_code);
  each("signal", signal);
  each("oomKilled", oom_killed);
  each("probeKilled", probe_killed);
  each("reason", reason);
  each("message", message);
  each("started", started);
  each("finished", finished);
  each("instance", instance);
}

void fields(Is<ContainerState> auto& value, auto&& each) {
  auto& [run, next_instance, started_at, pid, stop, hook, started, probes, termination,
         last_termination, waiting_reason, waiting_message, image, image_id, backoff, retry_at,
         completed, removed] = value;
  each("run", run);
  each("nextInstance", next_instance);
  each("startedAt", started_at);
  each("pid", pid);
  each("stop", stop);
  each("hook", hook);
  each("started", started);
  each("probes", probes);
  each("termination", termination);
  each("lastTermination", last_termination);
  each("waitingReason", waiting_reason);
  each("waitingMessage", waiting_message);
  each("image", image);
  each("imageId", image_id);
  each("backoff", backoff);
  each("retryAt", retry_at);
  each("completed", completed);
  each("removed", removed);
}

void fields(Is<PodRestart> auto& value, auto&& each) {
  auto& [trigger, container, triggered_at, in_place, cleared, surge, replace_at, requested,
         before] = value;
  each("trigger", trigger);
  each("container", container);
  each("triggeredAt", triggered_at);
  each("inPlace", in_place);
  each("cleared", cleared);
  each("surge", surge);
  each("replaceAt", replace_at);
  each("requested", requested);
  each("before", before);
}

void fields(Is<PullBackoff> auto& value, auto&& each) {
  auto& [last_attempt, delay, why] = value;
  each("lastAttempt", last_attempt);
  each("delay", delay);
  each("why", why);
}

void fields(Is<PodCondition> auto& value, auto&& each) {
  auto& [type, status, reason, message, last_transition_time, unknown] = value;
  each("type", type);
  each("status", status);
  each("reason", reason);
  each("message", message);
  each("lastTransitionTime", last_transition_time);
  each("unknown", unknown);
}

void fields(Is<ContainerStateWaiting> auto& value, auto&& each) {
  auto& [reason, message] = value;
  each("reason", reason);
  each("message", message);
}

void fields(Is<ContainerStateRunning> auto& value, auto&& each) {
  auto& [started_at] = value;
  each("startedAt", started_at);
}

void fields(Is<ContainerStateTerminated> auto& value, auto&& each) {
  auto& [exit_code, signal, reason, message, started_at, finished_at, container_id] = value;
  each("exitCode", exit_code);
  each("signal", signal);
  each("reason", reason);
  each("message", message);
  each("startedAt", started_at);
  each("finishedAt", finished_at);
  each("containerId", container_id);
}

void fields(Is<ContainerStatus> auto& value, auto&& each) {
  auto& [name, image, image_id, container_id, now, last_state, started, ready, restart_count] =
      value;
  each("name", name);
  each("image", image);
  each("imageId", image_id);
  each("containerId", container_id);
  each("state", now);
  each("lastState", last_state);
  each("started", started);
  each("ready", ready);
  each("restartCount", restart_count);
}

void fields(Is<PodTraffic> auto& value, auto&& each) {
  auto& [open, draining, sandbox, back_off_until] = value;
  each("open", open);
  each("draining", draining);
  each("sandbox", sandbox);
  each("backOffUntil", back_off_until);
}

void fields(Is<PodStatus> auto& value, auto&& each) {
  auto& [phase, reason, message, conditions, pod_ip, start_time, init_container_statuses,
         container_statuses, qos_class, traffic] = value;
  each("phase", phase);
  each("reason", reason);
  each("message", message);
  each("conditions", conditions);
  each("podIp", pod_ip);
  each("startTime", start_time);
  each("initContainerStatuses", init_container_statuses);
  each("containerStatuses", container_statuses);
  each("qosClass", qos_class);
  each("traffic", traffic);
}

void fields(Is<PodState> auto& value, auto&& each) {
  auto& [stage, admitted, scheduled, unschedulable, deletion_requested, forgotten, adopting,
         sandbox_attempt, sandbox_not_before, sandbox_ready, pod_ip, start_time, containers, pulls,
         restart_backoff, restart, traffic, drain_limit, sandbox_initialized, initialized,
         failed_reason, failed_message, other_conditions, status] = value;
  each("stage", stage);
  each("admitted", admitted);
  each("scheduled", scheduled);
  each("unschedulable", unschedulable);
  each("deletionRequested", deletion_requested);
  each("forgotten", forgotten);
  each("adopting", adopting);
  each("sandboxAttempt", sandbox_attempt);
  each("sandboxNotBefore", sandbox_not_before);
  each("sandboxReady", sandbox_ready);
  each("podIp", pod_ip);
  each("startTime", start_time);
  each("containers", containers);
  each("pulls", pulls);
  each("restartBackoff", restart_backoff);
  each("restart", restart);
  each("traffic", traffic);
  each("drainLimit", drain_limit);
  each("sandboxInitialized", sandbox_initialized);
  each("initialized", initialized);
  each("failedReason", failed_reason);
  each("failedMessage", failed_message);
  each("otherConditions", other_conditions);
  each("status", status);
}

void fields(Is<pod_action::SignalContainer> auto& value, auto&& each) {
  auto& [ref, signal] = value;
  each("ref", ref);
  each("signal", signal);
}

void fields(Is<PodRecord> auto& value, auto&& each) {
  auto& [created, deleted, deletion_grace, beside, signals] = value;
  each("created", created);
  each("deleted", deleted);
  each("deletionGrace", deletion_grace);
  each("beside", beside);
  each("signals", signals);
}

void fields(Is<RevisionRecord> auto& value, auto&& each) {
  auto& [number, document, since, cause] = value;
  each("number", number);
  each("document", document);
  each("since", since);
  each("cause", cause);
}

void fields(Is<RolloutSpec> auto& value, auto&& each) {
  auto& [has_old, surge, restart, min_ready, progress_deadline, bake] = value;
  each("hasOld", has_old);
  each("surge", surge);
  each("restart", restart);
  each("minReady", min_ready);
  each("progressDeadline", progress_deadline);
  each("bake", bake);
}

void fields(Is<RolloutState> auto& value, auto&& each) {
  auto& [stage, began, new_ready, old_gone, deadline, stage_ends, paused_since, check, last_trouble,
         reason, message] = value;
  each("stage", stage);
  each("began", began);
  each("newReady", new_ready);
  each("oldGone", old_gone);
  each("deadline", deadline);
  each("stageEnds", stage_ends);
  each("pausedSince", paused_since);
  each("check", check);
  each("lastTrouble", last_trouble);
  each("reason", reason);
  each("message", message);
}

void fields(Is<RolloutRecord> auto& value, auto&& each) {
  auto& [namespace_, name, revisions, last_revision, paused, wanted, revision_of, spec, now,
         old_pod, new_pod, revision, restart_due] = value;
  each("namespace", namespace_);
  each("name", name);
  each("revisions", revisions);
  each("lastRevision", last_revision);
  each("paused", paused);
  each("wanted", wanted);
  each("revisionOf", revision_of);
  each("spec", spec);
  each("state", now);
  each("oldPod", old_pod);
  each("newPod", new_pod);
  each("revision", revision);
  each("restartDue", restart_due);
}

void fields(Is<ObjectRecord> auto& value, auto&& each) {
  auto& [uid, created, document, node_ports, revisions, last_revision] = value;
  each("uid", uid);
  each("created", created);
  each("document", document);
  each("nodePorts", node_ports);
  each("revisions", revisions);
  each("lastRevision", last_revision);
}

void fields(Is<SourceRecord> auto& value, auto&& each) {
  auto& [directory, file, documents] = value;
  each("directory", directory);
  each("file", file);
  each("documents", documents);
}

// The last value of each enum: what a file says beyond it is no value.
constexpr ContainerState::Run last(ContainerState::Run) { return ContainerState::Run::Exited; }
constexpr PodState::Stage last(PodState::Stage) { return PodState::Stage::Ended; }
constexpr PodState::Traffic last(PodState::Traffic) { return PodState::Traffic::Drained; }
constexpr StopReason last(StopReason) { return StopReason::PostStartHookFailed; }
constexpr HookKind last(HookKind) { return HookKind::PreStop; }
constexpr RestartTrigger last(RestartTrigger) { return RestartTrigger::Sandbox; }
constexpr ProbeState::Phase last(ProbeState::Phase) { return ProbeState::Phase::OnHold; }
constexpr ProbeResult last(ProbeResult) { return ProbeResult::Failure; }
constexpr NetworkMode last(NetworkMode) { return NetworkMode::Join; }
constexpr PodPhase last(PodPhase) { return PodPhase::Failed; }
constexpr RolloutState::Stage last(RolloutState::Stage) { return RolloutState::Stage::Failed; }

template <typename T>
concept Fielded = requires(T& value) {
  fields(value, [](const char*, auto&) {});
};

}  // namespace podvisor::state
