// One step of a pod, while it is being taken: the facts, the clock, and what has been decided so
// far. Private to src/core; the rooms of the decision are the pod_*.cc files beside this one.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "podvisor/pod_state.h"

namespace podvisor {

struct Turn {
  const Pod& pod;
  PodState& state;
  Instant now;
  std::vector<PodAction>& actions;
  /// A fact changed that decisions or the status depend on. Probe attempts that change no result
  /// leave it false, which keeps the commonest step short.
  bool changed = false;
  /// A probe counted towards its threshold, or began to count anew.
  bool counted = false;

  [[nodiscard]] const PodSpec& spec() const { return pod.spec; }
  [[nodiscard]] const Container& container(ContainerIndex i) const { return spec().containers[i]; }
  [[nodiscard]] ContainerRef ref(ContainerIndex i) const {
    return {i, state.containers[i].instance()};
  }
  void act(PodAction action) { actions.push_back(std::move(action)); }
  void normal(const std::string& reason, std::string message,
              std::optional<ContainerIndex> about = {}) {
    act(pod_action::EmitEvent{false, reason, std::move(message), about});
  }
  void warn(const std::string& reason, std::string message,
            std::optional<ContainerIndex> about = {}) {
    act(pod_action::EmitEvent{true, reason, std::move(message), about});
  }
};

// pod_absorb.cc: what the event says has happened.
void absorb(Turn& turn, const PodEvent& event);

// pod_adopt.cc: what an earlier podvisor left.
void on_sandbox_up(Turn& turn, const std::string& pod_ip);
void on_adopted(Turn& turn, const pod_event::SandboxAdopted& event);
/// Of the sandbox that was written down nothing is left.
void on_nothing_adopted(Turn& turn);

// pod_instance.cc: what an event means for the one instance that it is about.
void on_started(Turn& turn, ContainerIndex i, std::int64_t pid);
void on_start_failed(Turn& turn, ContainerIndex i, const pod_event::ContainerStartFailed& event);
void on_exited(Turn& turn, ContainerIndex i, const pod_event::ContainerExited& event);
/// It ended and nobody knows how: `message` says how it was lost.
void on_lost(Turn& turn, ContainerIndex i, std::string message);
/// It was never made: no instance is spent (CST-3).
void take_back_start(Turn& turn, ContainerIndex i);

// pod_decide.cc: what to do about it, stage by stage.
void decide(Turn& turn);
/// The moment at which decide() would say something new by itself.
[[nodiscard]] std::optional<TimePoint> next_decision(const Pod& pod, const PodState& state);

// pod_start.cc: start order and restarts (ORD, RST, BKO).
void start_containers(Turn& turn);
[[nodiscard]] bool all_work_done(const Pod& pod, const PodState& state);
[[nodiscard]] std::optional<TimePoint> next_start(const Pod& pod, const PodState& state);
/// Before that moment something that the pod's Ready depends on does not start; unset: unknown.
[[nodiscard]] std::optional<TimePoint> last_start(const Pod& pod, const PodState& state);

// pod_rules.cc: what follows from an exit (RST-2 … RST-6, RAC-3 … RAC-10).
/// Whether an exited container starts again.
[[nodiscard]] bool will_restart(const Pod& pod, const PodState& state, ContainerIndex i);
/// What an exited container has to wait from its end until it may start again (BKO-2).
[[nodiscard]] Duration restart_delay(const Pod& pod, const ContainerState& container);
/// An exited container whose rules say RestartAllContainers, if there is one.
[[nodiscard]] std::optional<ContainerIndex> restart_all_trigger(const Pod& pod,
                                                                const PodState& state);

// pod_images.cc: pulls that fail (IMG).
[[nodiscard]] bool is_image_reason(const std::string& reason);
/// The start failed for want of its image; says when it is tried again.
void on_image_failed(Turn& turn, ContainerIndex i, const std::string& reason,
                     const std::string& message);
/// Whether the image's back-off refuses the start now; then the container says so (IMG-1).
bool refuse_pull(Turn& turn, ContainerIndex i);

// pod_hooks.cc: postStart and preStop (HOK).
void run_hook(Turn& turn, ContainerIndex i, HookKind kind);
void cancel_hook(Turn& turn, ContainerIndex i);
void complete_hook(Turn& turn, ContainerIndex i, bool succeeded);
/// Completes the hook if it is a sleep that is over.
void advance_hook(Turn& turn, ContainerIndex i);
[[nodiscard]] std::optional<TimePoint> next_hook(const PodState& state);

// pod_stop.cc: termination (TRM).
/// Between SIGTERM and SIGKILL, whatever the grace period says (TRM-3).
inline constexpr Seconds kMinimumGrace{2};
void stop_container(Turn& turn, ContainerIndex i, StopReason reason, Seconds grace);
/// SIGKILL to everything in it, and again for as long as that does not help (EVT-18).
void kill_container(Turn& turn, ContainerIndex i);
void stop_all_containers(Turn& turn, StopReason reason, Seconds grace);
/// preStop is over: what it took comes off the grace period.
void end_pre_stop(Turn& turn, ContainerIndex i);
void advance_stops(Turn& turn);
[[nodiscard]] std::optional<TimePoint> next_stop(const PodState& state);

// pod_drain.cc: traffic leaves before anything is stopped (DIF-3).
/// Unless nothing can be under way. Not longer than the pod's own drain timeout.
void drain_traffic(Turn& turn, Duration limit);
void on_drained(Turn& turn);
/// The container, which has a stop, was told of it: a drain does not hold it up any more.
[[nodiscard]] bool has_begun(const ContainerState& container);
[[nodiscard]] PodTraffic derive_traffic(const Pod& pod, const PodState& state,
                                        const PodStatus& status);

// pod_end.cc: how a pod comes to its end.
void begin_termination(Turn& turn, Seconds grace);
/// From whatever stage; a later call can only shorten (TRM-1).
void end_pod(Turn& turn, Seconds grace);
/// Ends it as Failed for that reason, unless it is ending already (PHS-6, VOL-3). Whether it does.
bool fail_pod(Turn& turn, const char* reason, std::string message, Seconds grace);
/// activeDeadlineSeconds, while it can still be missed.
[[nodiscard]] std::optional<TimePoint> deadline(const Pod& pod, const PodState& state);

// pod_restart.cc: whose failure restarts the pod, and how (DIF-2, RAC, SBX).
void on_oom_kill(Turn& turn, ContainerIndex i, std::int64_t kills);
void on_probe_failure(Turn& turn, ContainerIndex i, ProbeKind kind);
void on_sandbox_died(Turn& turn);
/// DIF-2.5; `why` not Surge, where that was tried.
void recreate_pod(Turn& turn, ContainerIndex trigger, RestartTrigger what, const std::string& why);
/// RAC-10.
void restart_in_place(Turn& turn, ContainerIndex trigger);

// pod_surge.cc: a replacement beside the pod, which serves on (DIF-2.4).
void begin_surge(Turn& turn, ContainerIndex trigger, RestartTrigger what);
void advance_surge(Turn& turn);
[[nodiscard]] std::optional<TimePoint> next_surge(const PodState& state);
void on_replacement_begun(Turn& turn);
void on_replacement_refused(Turn& turn, const std::string& why);
void on_replacement_ended(Turn& turn);

// pod_renew.cc: every container starts anew after a restart of the pod.
/// The old sandbox is gone: on to the next one, after the back-off.
void prepare_next_sandbox(Turn& turn);
/// Nothing runs in the sandbox that is kept: start anew in it, after the back-off (RAC-14).
void renew_in_place(Turn& turn);
/// A restart of the pod whose back-off is over begins: the next one waits longer (DIF-2.7).
void count_restart(Turn& turn);

// pod_probes.cc: probes of containers that live (PRB).
void feed_probe(Turn& turn, ContainerIndex i, ProbeKind kind, const ProbeEvent& event);
void feed_probes(Turn& turn, ContainerIndex i, const ProbeEvent& event);
void tick_probes(Turn& turn);
[[nodiscard]] std::optional<TimePoint> next_probe(const PodState& state);
/// PRB-5: the status was recomputed; not-ready containers are probed again at once.
void trigger_readiness(Turn& turn);

inline void keep_earliest(std::optional<TimePoint>& earliest, std::optional<TimePoint> candidate) {
  if (candidate && (!earliest || *candidate < *earliest)) earliest = candidate;
}

/// "10s", "1m20s": durations as Go prints them, which event texts are made of (BKO-6).
[[nodiscard]] std::string go_duration(Duration duration);

// pod_status.cc
[[nodiscard]] PodStatus derive_status(const Pod& pod, const PodState& state, WallTime now);

}  // namespace podvisor
