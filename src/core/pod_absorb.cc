// Facts: each event is written into the state, and that is all. Events that belong to an instance
// or a sandbox of the past change nothing.
#include <algorithm>
#include <variant>

#include "core/pod_turn.h"

namespace podvisor {
namespace {

using Stage = PodState::Stage;
using Run = ContainerState::Run;

constexpr Duration kSandboxRetry = std::chrono::seconds(10);  // ORD-10
constexpr Duration kStartRetry = std::chrono::seconds(10);    // ORD-10

class Absorb {
 public:
  explicit Absorb(Turn& turn) : turn_(turn), state_(turn.state) {}

  void operator()(const pod_event::Admitted&) {
    if (state_.admitted) return;
    state_.admitted = true;
    turn_.changed = true;
  }

  void operator()(const pod_event::DeletionRequested& event) {
    turn_.changed = true;
    const Seconds grace = std::max(event.grace_period, Seconds{1});  // TRM-1
    const bool again = std::exchange(state_.deletion_requested, true);
    if (again || state_.stage == Stage::Terminating)
      shorten_stops(grace);
    else if (state_.stage == Stage::Up || state_.stage == Stage::Restarting)
      begin_termination(turn_, grace);
    else if (state_.stage == Stage::MakingSandbox)
      state_.stage = Stage::Terminating;
  }

  void operator()(const pod_event::SandboxReady& event) {
    if (!current(event.attempt) || state_.stage != Stage::MakingSandbox) return;
    state_.stage = Stage::Up;
    state_.sandbox_ready = true;
    state_.pod_ip = event.pod_ip;
    state_.restart.reset();
    turn_.changed = true;
  }

  void operator()(const pod_event::SandboxFailed& event) {
    if (!current(event.attempt) || state_.stage != Stage::MakingSandbox) return;
    state_.stage = Stage::Pending;
    state_.sandbox_not_before = turn_.now.monotonic + kSandboxRetry;
    const bool mount = event.reason == "FailedMount";  // EVT-17: says itself what failed
    turn_.warn(event.reason, (mount ? "" : "Failed to create pod sandbox: ") + event.message);
    turn_.changed = true;
  }

  void operator()(const pod_event::SandboxDied& event) {
    if (!current(event.attempt) || !state_.sandbox_ready) return;
    state_.sandbox_ready = false;
    turn_.changed = true;
    for (ContainerIndex i = 0; i < state_.containers.size(); ++i)
      if (state_.containers[i].alive()) lose(i);
    on_sandbox_died(turn_);
  }

  void operator()(const pod_event::SandboxRemoved& event) {
    if (!current(event.attempt) || state_.stage != Stage::RemovingSandbox) return;
    state_.sandbox_ready = false;
    state_.pod_ip.clear();
    turn_.changed = true;
    if (state_.restart && !state_.deletion_requested)
      prepare_next_sandbox(turn_);
    else
      state_.stage = Stage::Ended;
  }

  void operator()(const pod_event::ContainerStarted& event) {
    ContainerState* container = find(event.ref);
    if (container == nullptr || container->run != Run::Starting) return;
    const ContainerIndex i = event.ref.container;
    if (container->termination) container->last_termination = std::move(container->termination);
    container->termination.reset();
    container->waiting_reason.clear();
    container->waiting_message.clear();
    container->run = Run::Running;
    container->pid = event.pid;
    container->started_at = turn_.now;
    container->started = !turn_.container(i).startup_probe;  // RDY-1
    turn_.changed = true;
    turn_.normal("Started", "Container started", i);
    if (!container->stop) feed_probes(turn_, i, probe_event::InstanceStarted{});
  }

  void operator()(const pod_event::ContainerStartFailed& event) {
    ContainerState* container = find(event.ref);
    if (container == nullptr || container->run != Run::Starting) return;
    turn_.changed = true;
    turn_.warn("Failed", "Error: " + event.message, event.ref.container);
    if (event.reason == "StartError") {  // the process could not be started: an exit of 128
      end(event.ref.container,
          {.exit_code = 128, .reason = event.reason, .message = event.message});
      return;
    }
    // Something around the container is missing: no instance was spent (CST-3), try again later.
    if (container->termination) container->last_termination = std::move(container->termination);
    container->termination.reset();
    container->run = Run::Waiting;
    --container->next_instance;
    container->stop.reset();
    container->waiting_reason = event.reason;
    container->waiting_message = event.message;
    container->retry_at = turn_.now.monotonic + kStartRetry;
  }

  void operator()(const pod_event::ContainerExited& event) {
    ContainerState* container = find(event.ref);
    if (container == nullptr || !container->alive()) return;
    turn_.changed = true;
    end(event.ref.container, {.exit_code = event.exit_code,
                              .signal = event.signal,
                              .oom_killed = event.oom_killed,
                              .reason = exit_reason(*container, event),
                              .message = event.message});
    if (event.oom_killed) on_oom_kill(turn_, event.ref.container);
  }

  void operator()(const pod_event::ContainerOomKilled& event) {
    if (find(event.ref) == nullptr) return;
    turn_.warn("OOMKilling",
               "Container " + turn_.container(event.ref.container).name +
                   " had a process OOM-killed (" + std::to_string(event.kills) +
                   " kills); its main process lives on",
               event.ref.container);
  }

  void operator()(const pod_event::AttemptCompleted& event) {
    const ContainerState* container = find(event.ref);
    if (container == nullptr || container->run != Run::Running) return;
    feed_probe(turn_, event.ref.container, event.kind,
               probe_event::AttemptCompleted{event.attempt_id, event.verdict, event.output});
  }

  void operator()(const pod_event::HookCompleted&) {}
  void operator()(const pod_event::NodeMatched&) {
    if (std::exchange(state_.scheduled, true)) return;
    state_.unschedulable.clear();
    state_.start_time = turn_.now;
    turn_.changed = true;
  }

  void operator()(const pod_event::NodeMismatched& event) {
    if (state_.scheduled) return;  // a node's labels decide about the start alone
    state_.unschedulable = event.message;
    turn_.warn("FailedScheduling", event.message);
    turn_.changed = true;
  }

  void operator()(const pod_event::ConditionSet& event) {
    if (is_own_condition(event.type)) return;
    auto& known = state_.other_conditions;
    auto place = std::ranges::find(known, event.type, &PodCondition::type);
    if (place == known.end()) place = known.insert(place, PodCondition{.type = event.type});
    place->status = event.status == ConditionStatus::True;
    place->unknown = event.status == ConditionStatus::Unknown;
    place->reason = event.reason;
    place->message = event.message;
    turn_.changed = true;
  }

  void operator()(const pod_event::Evicted&) {}
  void operator()(const pod_event::ImagePulling&) {}
  void operator()(const pod_event::ImagePulled&) {}

  void operator()(const pod_event::Noted& event) {
    turn_.act(pod_action::EmitEvent{event.warning, event.reason, event.message, event.container});
  }

  void operator()(const pod_event::Tick&) {
    tick_probes(turn_);
    const std::optional<TimePoint> due = next_decision(turn_.pod, state_);
    if (due && *due <= turn_.now.monotonic) turn_.changed = true;
  }

 private:
  [[nodiscard]] bool current(int attempt) const { return attempt == state_.sandbox_attempt; }

  [[nodiscard]] ContainerState* find(const ContainerRef& ref) {
    if (ref.container >= state_.containers.size()) return nullptr;
    ContainerState& container = state_.containers[ref.container];
    return container.instance() == ref.instance ? &container : nullptr;
  }

  [[nodiscard]] static std::string exit_reason(const ContainerState& container,
                                               const pod_event::ContainerExited& event) {
    if (event.oom_killed) return "OOMKilled";  // RES-7, whatever the exit code
    if (container.stop && container.stop->reason == StopReason::PodRestart)
      return "RestartingAllContainers";  // DIF-2.9
    return event.exit_code == 0 ? "Completed" : "Error";
  }

  void lose(ContainerIndex i) {
    end(i, {.exit_code = 137,
            .signal = 9,
            .reason = "ContainerStatusUnknown",
            .message = "The container was lost with its pod sandbox"});
  }

  void end(ContainerIndex i, Termination termination) {
    ContainerState& container = state_.containers[i];
    feed_probes(turn_, i, probe_event::InstanceEnded{});
    termination.started = container.run == Run::Running ? container.started_at : turn_.now;
    termination.finished = turn_.now;
    termination.instance = container.instance();
    termination.probe_killed =
        container.stop && (container.stop->reason == StopReason::LivenessFailed ||
                           container.stop->reason == StopReason::StartupFailed);
    if (container.termination) container.last_termination = std::move(container.termination);
    const bool succeeded = termination.exit_code == 0 && !termination.oom_killed;  // RES-10
    container.completed = turn_.container(i).role == ContainerRole::Init && succeeded;
    container.termination = std::move(termination);
    container.run = Run::Exited;
    container.pid = 0;
    container.started = false;
    container.stop.reset();
  }

  /// TRM-1: a later request can only shorten what is left.
  void shorten_stops(Seconds grace) {
    const TimePoint end = turn_.now.monotonic + grace;
    for (ContainerState& container : state_.containers) {
      if (!container.stop) continue;
      container.stop->term_by = std::min(container.stop->term_by, end);
      if (container.stop->terminated)
        container.stop->kill_at =
            std::min(container.stop->kill_at, std::max(end, turn_.now.monotonic + kMinimumGrace));
    }
  }

  Turn& turn_;
  PodState& state_;
};

}  // namespace

void absorb(Turn& turn, const PodEvent& event) { std::visit(Absorb(turn), event); }

}  // namespace podvisor
