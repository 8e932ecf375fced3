// A pod's life, as a pure state machine: step(spec, state, event, now) -> {state, actions}.
//
//   Pending ──► MakingSandbox ──► Up ─────────► Terminating ──► RemovingSandbox ──► Ended
//      ▲                          │ trigger          (deletion, or all work is done)
//      │                          ▼
//      └── back-off ──── Restarting (containers stop, then the sandbox goes)
//
//   Pending          nothing exists; once the node is known to match (NodeMatched) a sandbox is
//                    made at `sandbox_not_before`
//   MakingSandbox    pause, namespaces and address are being made (attempt `sandbox_attempt`)
//   Up               containers start in order (ORD), restart (RST, BKO), are probed (PRB)
//                    With DIF-2 Surge it stays here: a replacement is asked for, and the pod goes
//                    on
//   Restarting       DIF-2 Recreate, or SBX: every container stops (TRM), then the sandbox. With
//                    RestartAllContainers (RAC) the sandbox stays, and the way leads back to Up
//                    at `sandbox_not_before`
//   Terminating      deletion was requested, or the pod has finished or failed (eviction, its
//                    deadline): every container stops
//   RemovingSandbox  no container is left; pause and namespaces go
//   Ended            a finished pod rests here (Succeeded, Failed) until it is deleted;
//                    a deleted one has emitted ForgetPod
//
// A container is, within that, one of:
//   Waiting   no instance (never started, start refused by back-off, or between restarts)
//   Starting  StartContainer was said, not yet answered
//   Running   the instance lives; `stop` is set once it has been told to end. While `hook` is set
//             a lifecycle hook runs (HOK), at most one at a time: postStart holds up its probes
//             and whatever starts after it, preStop its signal
//   Exited    the last instance ended; whether it starts again is RST's decision
//
// A stop or restart of the whole pod first closes the gate (DIF-3.2): DrainTraffic is said, and no
// container is told anything before TrafficDrained. What that takes is no part of the grace period.
//
// Every step is two-phase: the event is absorbed as a fact, then decisions are taken from the
// facts until nothing is left to decide. Nothing recurses, and an action that fails comes back as
// an event. Completions name the instance or sandbox attempt that they belong to; those of another
// are stale and are dropped.
//
// A podvisor that finds the state of an earlier one (resumed_pod_state) decides nothing before it
// is known what is left of the sandbox: SandboxAdopted or SandboxDied. What the state implies was
// said before, and perhaps not done, is then said again.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "podvisor/backoff.h"
#include "podvisor/pod.h"
#include "podvisor/pod_status.h"
#include "podvisor/probe_state.h"
#include "podvisor/time.h"

namespace podvisor {

/// Index into PodSpec::containers.
using ContainerIndex = std::size_t;

/// One run of one container. Instances count from 0 and never repeat while the pod lives, so a
/// restartCount is an instance number, and so is the log file's (CST-3, LOG-4).
struct ContainerRef {
  ContainerIndex container = 0;
  int instance = 0;
  friend bool operator==(const ContainerRef&, const ContainerRef&) = default;
};

enum class HookKind : std::uint8_t { PostStart, PreStop };

enum class StopReason : std::uint8_t {
  PodTermination,
  PodRestart,      ///< of DIF-2 or SBX: in TRM's order, with hooks and grace
  RestartInPlace,  ///< RestartAllContainers: one after another, without hooks or grace (RAC-11)
  LivenessFailed,
  StartupFailed,
  PostStartHookFailed,
};

/// A hook that runs, and has not been cancelled.
struct HookRun {
  HookKind kind = HookKind::PostStart;
  std::optional<TimePoint> wakes_at;  ///< a sleep: it has succeeded here, nobody else answers
};

/// An instance that has been told to end: preStop, its turn, SIGTERM, SIGKILL (TRM-3, TRM-9). What
/// preStop and the wait for its turn take comes off the grace period in whole seconds (TRM-2).
struct Stop {
  StopReason reason = StopReason::PodTermination;
  TimePoint since;           ///< what is left of the grace period counts from here
  Seconds grace{0};          ///< … and is this
  bool pre_stopped = false;  ///< preStop came to its end, or there is none to run
  bool terminated = false;   ///< SIGTERM was sent
  bool killed = false;       ///< SIGKILL was sent to everything in its cgroup
  TimePoint kill_at;         ///< once terminated; once killed, when to see whether it has helped

  [[nodiscard]] TimePoint ends_at() const { return since + grace; }
};

struct Termination {
  int exit_code = 0;  ///< 128 + signal when killed (MSG-6)
  int signal = 0;
  bool oom_killed = false;
  bool probe_killed = false;  ///< ended by a failed liveness or startup probe (RST-4)
  std::string reason;
  std::string message;
  Instant started;
  Instant finished;
  int instance = 0;
  friend bool operator==(const Termination&, const Termination&) = default;
};

struct ContainerState {
  enum class Run : std::uint8_t { Waiting, Starting, Running, Exited };
  Run run = Run::Waiting;
  int next_instance = 0;  ///< Starting and Running: the current one is next_instance - 1
  Instant started_at;
  std::int64_t pid = 0;
  std::optional<Stop> stop;
  std::optional<HookRun> hook;
  bool started = false;  ///< RDY-1, and postStart has succeeded; it gates ORD and PRB
  std::array<ProbeState, kProbeKinds> probes;
  std::optional<Termination> termination;       ///< of the latest instance, while Exited
  std::optional<Termination> last_termination;  ///< what lastState shows (CST-5)
  std::string waiting_reason;
  std::string waiting_message;
  std::string image, image_id;  ///< that it was last made from (CST); empty: none
  BackoffSeries backoff;
  std::optional<TimePoint> retry_at;  ///< the last start failed for want of something; try again
  bool completed = false;             ///< plain init container: done in this sandbox (ORD-8)
  bool removed = false;  ///< by a restart of the pod; its next run counts already (RAC-16)

  [[nodiscard]] int instance() const { return next_instance - 1; }
  /// CST-3: a further instance counts once it runs, so that a start that fails takes nothing back.
  [[nodiscard]] int restart_count() const {
    return std::max(0, next_instance - 1 - (run == Run::Starting ? 1 : 0) + (removed ? 1 : 0));
  }
  [[nodiscard]] bool alive() const { return run == Run::Starting || run == Run::Running; }
};

enum class RestartTrigger : std::uint8_t { Oom, Liveness, Startup, Rule, Sandbox };

/// A whole-pod restart, from its trigger until the next sandbox is up and the start order begins
/// anew (DIF-2, RAC-14).
struct PodRestart {
  RestartTrigger trigger = RestartTrigger::Oom;
  ContainerIndex container = 0;  ///< meaningless for Sandbox
  TimePoint triggered_at;
  bool in_place = false;  ///< the sandbox is kept (RAC-13)
  bool cleared = false;   ///< in place: every container is gone; Up again after the back-off
  /// DIF-2.4: the pod stays Up, its failed container restarts alone, and a replacement is asked for
  /// once the back-off is over (`replace_at`).
  bool surge = false;
  TimePoint replace_at;
  bool requested = false;  ///< RequestReplacement was said
  BackoffSeries before;    ///< the pod's, when the trigger came
};

/// Failed pulls of one image (IMG-2).
struct PullBackoff {
  TimePoint last_attempt;
  Duration delay{0};  ///< from there to the next
  std::string why;    ///< "ErrImagePull: not found"
};

struct PodState {
  enum class Stage : std::uint8_t {
    Pending,
    MakingSandbox,
    Up,
    Restarting,
    Terminating,
    RemovingSandbox,
    Ended,
  };
  Stage stage = Stage::Pending;
  bool admitted = false;
  bool scheduled = false;     ///< the node matched; it is not asked again
  std::string unschedulable;  ///< why the node does not match, while it does not
  bool deletion_requested = false;
  bool forgotten = false;  ///< ForgetPod was said: nothing follows
  /// An earlier podvisor left it: nothing is decided before SandboxAdopted or SandboxDied.
  bool adopting = false;
  int sandbox_attempt = -1;      ///< of the sandbox being made or up; -1, adopting: not known
  TimePoint sandbox_not_before;  ///< Pending, Restarting: back-off of sandbox or of the pod
  bool sandbox_ready = false;
  std::string pod_ip;
  std::optional<Instant> start_time;
  std::vector<ContainerState> containers;    ///< parallel to PodSpec::containers
  std::map<std::string, PullBackoff> pulls;  ///< by image, while pulling it fails
  BackoffSeries restart_backoff;             ///< DIF-2.7
  std::optional<PodRestart> restart;
  /// Of this sandbox. Draining and Drained: the gate stays closed.
  enum class Traffic : std::uint8_t { Admitted, Draining, Drained };
  Traffic traffic = Traffic::Admitted;
  Duration drain_limit{0};           ///< said last with DrainTraffic
  bool sandbox_initialized = false;  ///< in this sandbox the regular containers may start (ORD-7)
  bool initialized = false;          ///< CND-4: never goes back
  std::string failed_reason;         ///< PHS-6: DeadlineExceeded and its like
  std::string failed_message;
  std::vector<PodCondition>
      other_conditions;  ///< set by others, readiness gates among them (CND-8)
  PodStatus status;      ///< as of the last step; kept for transition times

  /// Everything in it stops, to start anew.
  [[nodiscard]] bool restarting() const { return restart && !restart->surge; }
};

namespace pod_event {
struct Admitted {};
struct DeletionRequested {
  Seconds grace_period{30};
};
struct SandboxReady {
  int attempt = 0;
  std::string pod_ip;  ///< empty with host network or network none
};
struct SandboxFailed {
  int attempt = 0;
  std::string message;
  /// EVT-16 "FailedCreatePodSandBox", or EVT-17 "FailedMount" when it was a volume.
  std::string reason = "FailedCreatePodSandBox";
};
/// pause is gone without having been asked (SBX-1). Its containers' processes are dead with it.
struct SandboxDied {
  int attempt = 0;
};
/// What an earlier podvisor made is there, and is ours from now on.
struct SandboxAdopted {
  int attempt = 0;
  std::string pod_ip;  ///< as in SandboxReady
  /// Instances that pause knows: alive, or ended and not acknowledged. ContainerStarted follows for
  /// those that podvisor knew as Starting, ContainerExited for those that have ended.
  std::vector<ContainerRef> found;
};
struct SandboxRemoved {
  int attempt = 0;
};
struct ContainerStarted {
  ContainerRef ref;
  std::int64_t pid = 0;
};
struct ContainerStartFailed {
  ContainerRef ref;
  std::string reason;  ///< CST-1: CreateContainerConfigError, RunContainerError, …
  std::string message;
};
/// The main process ended and nothing of the container's process tree is left.
struct ContainerExited {
  ContainerRef ref;
  int exit_code = 0;
  int signal = 0;
  std::int64_t oom_kills =
      0;                ///< by how much the cgroup's oom_kill counter rose meanwhile (DIF-2.3)
  std::string message;  ///< termination message (MSG)
};
/// A process of the container was OOM-killed while its main process lives on.
struct ContainerOomKilled {
  ContainerRef ref;
  std::int64_t kills = 0;
};
struct AttemptCompleted {
  ContainerRef ref;
  ProbeKind kind = ProbeKind::Liveness;
  std::uint64_t attempt_id = 0;
  Verdict verdict = Verdict::Failure;
  std::string output;
};
/// A postStart or preStop hook came to its end (HOK).
struct HookCompleted {
  ContainerRef ref;
  HookKind hook = HookKind::PostStart;
  bool succeeded = false;
  std::string message;  ///< why not; for podvisor's log, not for events (HOK-6)
};
/// Nothing is under way at the pod any more, or it has been cut off.
struct TrafficDrained {
  int attempt = 0;
};
/// Where the pod may run: said when it is admitted, and whenever the node's labels change. Until it
/// has been said the pod waits.
struct NodeMatched {};
struct NodeMismatched {
  std::string message;  ///< of the FailedScheduling event
};
/// A ConfigMap or Secret that the pod refers to has come, or is another: what waits for one is
/// tried at once, not when its time is over (ORD-10).
struct ConfigChanged {};
/// Somebody set a condition that is not podvisor's own, such as a readiness gate (CND-8). One of
/// podvisor's own types changes nothing.
struct ConditionSet {
  std::string type;
  ConditionStatus status = ConditionStatus::False;
  std::string reason;
  std::string message;
};
/// The pod breaks a rule that is measured from outside, such as an emptyDir's sizeLimit (VOL-3).
struct Evicted {
  std::string message;
};
/// The container waits for its image (EVT-1, EVT-2). A pull that failed is a ContainerStartFailed
/// with one of IMG's reasons; when it is tried again is decided here (IMG-2).
struct ImagePulling {
  ContainerRef ref;
};
struct ImagePulled {
  ContainerRef ref;
  std::string message;  ///< of the event
  std::string image;    ///< Image::name
  std::string image_id;
};
/// Something that whoever reads the pod's events should know and that changes nothing, such as a
/// name server too many (NET-9). It becomes an event as it is.
struct Noted {
  bool warning = false;
  std::string reason;
  std::string message;
  std::optional<ContainerIndex> container;  ///< unset: about the pod
};
/// A replacement for this pod is being made (DIF-2.4).
struct ReplacementBegun {};
/// There can be none, or it could not be started: Recreate (DIF-2.5).
struct ReplacementRefused {
  std::string why;
};
/// It did not come, and this pod goes on as it is.
struct ReplacementEnded {};
/// Time passed: wake_at() was reached.
struct Tick {};
}  // namespace pod_event
using PodEvent =
    std::variant<pod_event::Admitted, pod_event::DeletionRequested, pod_event::SandboxReady,
                 pod_event::SandboxFailed, pod_event::SandboxDied, pod_event::SandboxAdopted,
                 pod_event::SandboxRemoved, pod_event::ContainerStarted,
                 pod_event::ContainerStartFailed, pod_event::ContainerExited,
                 pod_event::ContainerOomKilled, pod_event::AttemptCompleted,
                 pod_event::HookCompleted, pod_event::TrafficDrained, pod_event::NodeMatched,
                 pod_event::ConfigChanged, pod_event::NodeMismatched, pod_event::ConditionSet,
                 pod_event::Evicted, pod_event::ImagePulling, pod_event::ImagePulled,
                 pod_event::Noted, pod_event::ReplacementBegun, pod_event::ReplacementRefused,
                 pod_event::ReplacementEnded, pod_event::Tick>;

namespace pod_action {
struct MakeSandbox {
  int attempt = 0;
};
/// Also legal after SandboxFailed or SandboxDied: removes whatever is left. Answered by
/// SandboxRemoved, always.
struct RemoveSandbox {
  int attempt = 0;
};
struct StartContainer {
  ContainerRef ref;
};
/// To the container's main process.
struct SignalContainer {
  ContainerRef ref;
  int signal = 15;
};
/// SIGKILL to every process of the container.
struct KillContainer {
  ContainerRef ref;
};
/// Nothing new to this sandbox; what is under way may take that long. Answered by TrafficDrained.
/// Said again with a shorter time when somebody is in a hurry.
struct DrainTraffic {
  int attempt = 0;
  Duration timeout{0};
};
struct StartAttempt {
  ContainerRef ref;
  ProbeKind kind = ProbeKind::Liveness;
  std::uint64_t attempt_id = 0;
};
struct CancelAttempt {
  std::uint64_t attempt_id = 0;
};
/// Runs the container's hook. Answered by HookCompleted, unless it was cancelled. A sleep is core's
/// own business and never asked for.
struct RunHook {
  ContainerRef ref;
  HookKind hook = HookKind::PostStart;
};
struct CancelHook {
  ContainerRef ref;
  HookKind hook = HookKind::PostStart;
};
/// One attempt's verdict, for prober metrics (MET-1, MET-2). Error: discarded, not counted.
struct CountVerdict {
  ContainerIndex container = 0;
  ProbeKind kind = ProbeKind::Liveness;
  Verdict verdict = Verdict::Failure;
  Duration duration{0};
};
struct CountPodRestart {
  RestartTrigger trigger = RestartTrigger::Oom;
  ContainerIndex container = 0;
  bool surge = false;
};
/// A pod like this one beside it, to take its place (DIF-2.4). Answered by ReplacementBegun or
/// ReplacementRefused; after the former by this pod's deletion, ReplacementRefused or -Ended.
struct RequestReplacement {};
/// The pod is whole and Ready again: the replacement is not wanted any more. Not answered.
struct WithdrawReplacement {};
/// A Kubernetes event (EVT) about the pod or, where `container` is set, about that container.
struct EmitEvent {
  bool warning = false;
  std::string reason;
  std::string message;
  std::optional<ContainerIndex> container;
};
/// The pod is deleted and nothing of it runs: drop its volumes, logs and object.
struct ForgetPod {};
}  // namespace pod_action
using PodAction =
    std::variant<pod_action::MakeSandbox, pod_action::RemoveSandbox, pod_action::StartContainer,
                 pod_action::SignalContainer, pod_action::KillContainer, pod_action::DrainTraffic,
                 pod_action::StartAttempt, pod_action::CancelAttempt, pod_action::RunHook,
                 pod_action::CancelHook, pod_action::CountVerdict, pod_action::CountPodRestart,
                 pod_action::RequestReplacement, pod_action::WithdrawReplacement,
                 pod_action::EmitEvent, pod_action::ForgetPod>;

struct PodStep {
  PodState state;
  std::vector<PodAction> actions;
  /// state.status differs from what it was before the step.
  bool status_changed = false;
  /// More moved than when probes are due and what their attempts are called: worth writing down.
  bool lasting = false;
};

/// It may run beside another pod of its name: it listens in a network namespace of its own, and
/// nothing in it is run once only. Else it is replaced by Recreate (DIF-2.5).
[[nodiscard]] bool may_surge(const PodSpec& spec);

/// The state of a pod nothing has happened to yet. `restarts`: of the pod that it is to replace
/// (DIF-2.7).
[[nodiscard]] PodState initial_pod_state(const Pod& pod, const BackoffSeries& restarts = {});

/// The state that an earlier podvisor wrote down, to go on from. Attempts of probes that were under
/// way are lost and begin anew; nothing else is forgotten. Where `adopting` is set then, the
/// sandbox has to be adopted next.
[[nodiscard]] PodState resumed_pod_state(PodState written, TimePoint now);
/// The state of a pod whose own was lost: whatever runs of it is to be adopted.
[[nodiscard]] PodState lost_pod_state(const Pod& pod, Instant now);

/// What makes it impossible that core left this state of the pod; empty: nothing. Of a state that
/// comes from outside, which step() would not survive otherwise.
[[nodiscard]] std::string flaw_of(const Pod& pod, const PodState& state);

/// The one place where anything about a pod is decided.
[[nodiscard]] PodStep step(const Pod& pod, PodState state, const PodEvent& event, Instant now);

/// When the pod wants its next Tick; nothing while it only waits for others.
[[nodiscard]] std::optional<TimePoint> wake_at(const Pod& pod, const PodState& state);

[[nodiscard]] const char* to_string(PodState::Stage stage);
[[nodiscard]] const char* to_string(HookKind hook);
[[nodiscard]] const char* to_string(RestartTrigger trigger);  ///< "oom", as DIF-2.14 spells it
/// The event or action on one line, for logs and failing tests: `ContainerExited{web#0 exit=1}`.
[[nodiscard]] std::string describe(const Pod& pod, const PodEvent& event);
[[nodiscard]] std::string describe(const Pod& pod, const PodAction& action);

}  // namespace podvisor
