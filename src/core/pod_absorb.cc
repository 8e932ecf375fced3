// Facts: each event is written into the state, and that is all. Events that belong to an instance
// or a sandbox of the past change nothing.
#include <algorithm>
#include <variant>

#include "core/pod_turn.h"
#include "core/sync_retry.h"

namespace podvisor {
namespace {

using Stage = PodState::Stage;
using Run = ContainerState::Run;

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
    state_.deletion_requested = true;
    end_pod(turn_, std::max(event.grace_period, Seconds{1}));  // TRM-1
  }

  void operator()(const pod_event::SandboxReady& event) {
    if (current(event.attempt) && state_.stage == Stage::MakingSandbox)
      on_sandbox_up(turn_, event.pod_ip);
  }

  void operator()(const pod_event::SandboxFailed& event) {
    if (!current(event.attempt) || state_.stage != Stage::MakingSandbox) return;
    state_.stage = Stage::Pending;
    state_.sandbox_not_before = turn_.now.monotonic + sync_retry(turn_.spec());
    const bool mount = event.reason == "FailedMount";  // EVT-17: says itself what failed
    turn_.warn(event.reason, (mount ? "" : "Failed to create pod sandbox: ") + event.message);
    turn_.changed = true;
  }

  void operator()(const pod_event::SandboxDied& event) {
    if (!current(event.attempt)) return;
    if (state_.adopting) on_nothing_adopted(turn_);
    if (!state_.sandbox_ready) return;
    state_.sandbox_ready = false;
    turn_.changed = true;
    for (ContainerIndex i = 0; i < state_.containers.size(); ++i)
      if (state_.containers[i].alive())
        on_lost(turn_, i, "The container was lost with its pod sandbox");
    on_sandbox_died(turn_);
  }

  void operator()(const pod_event::SandboxAdopted& event) {
    if (state_.adopting && (current(event.attempt) || state_.sandbox_attempt < 0))
      on_adopted(turn_, event);
  }

  void operator()(const pod_event::SandboxRemoved& event) {
    if (!current(event.attempt) || state_.stage != Stage::RemovingSandbox) return;
    state_.sandbox_ready = false;
    turn_.changed = true;
    if (state_.restart && !state_.deletion_requested) {
      state_.pod_ip.clear();
      prepare_next_sandbox(turn_);
    } else {
      state_.stage = Stage::Ended;  // its last address goes on being shown, as kubelet does it
    }
  }

  void operator()(const pod_event::ContainerStarted& event) {
    if (is(event.ref, Run::Starting)) on_started(turn_, event.ref.container, event.pid);
  }

  void operator()(const pod_event::ContainerStartFailed& event) {
    if (is(event.ref, Run::Starting)) on_start_failed(turn_, event.ref.container, event);
  }

  void operator()(const pod_event::ContainerExited& event) {
    if (is(event.ref, Run::Starting) || is(event.ref, Run::Running))
      on_exited(turn_, event.ref.container, event);
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
    if (!is(event.ref, Run::Running)) return;
    feed_probe(turn_, event.ref.container, event.kind,
               probe_event::AttemptCompleted{event.attempt_id, event.verdict, event.output});
  }

  void operator()(const pod_event::HookCompleted& event) {
    if (!is(event.ref, Run::Running)) return;
    const std::optional<HookRun>& hook = find(event.ref)->hook;
    const bool awaited = hook && hook->kind == event.hook && !hook->wakes_at;
    if (awaited) complete_hook(turn_, event.ref.container, event.succeeded);
  }

  void operator()(const pod_event::TrafficDrained& event) {
    if (!current(event.attempt) || state_.traffic != PodState::Traffic::Draining) return;
    on_drained(turn_);
    turn_.changed = true;
  }

  void operator()(const pod_event::ConfigChanged&) {
    const TimePoint now = turn_.now.monotonic;
    if (state_.stage == Stage::Pending && !state_.restart && now < state_.sandbox_not_before) {
      state_.sandbox_not_before = now;
      turn_.changed = true;
    }
    for (ContainerState& container : state_.containers) {
      if (container.waiting_reason != "CreateContainerConfigError" || !container.retry_at) continue;
      container.retry_at = now;
      turn_.changed = true;
    }
  }

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

  void operator()(const pod_event::Evicted& event) {
    if (!fail_pod(turn_, "Evicted", event.message, Seconds{1})) return;
    turn_.warn("Evicted", event.message);
    turn_.changed = true;
  }

  void operator()(const pod_event::ImagePulling& event) {
    if (!is(event.ref, Run::Starting)) return;
    const ContainerIndex i = event.ref.container;
    turn_.normal("Pulling", "Pulling image \"" + turn_.container(i).image + "\"", i);
  }

  void operator()(const pod_event::ImagePulled& event) {
    if (!is(event.ref, Run::Starting)) return;
    state_.pulls.erase(turn_.container(event.ref.container).image);
    ContainerState& container = state_.containers[event.ref.container];
    container.image = event.image;
    container.image_id = event.image_id;
    turn_.changed = true;
    turn_.normal("Pulled", event.message, event.ref.container);
  }

  void operator()(const pod_event::Noted& event) {
    turn_.act(pod_action::EmitEvent{event.warning, event.reason, event.message, event.container});
  }

  void operator()(const pod_event::ReplacementBegun&) { on_replacement_begun(turn_); }
  void operator()(const pod_event::ReplacementRefused& event) {
    on_replacement_refused(turn_, event.why);
  }
  void operator()(const pod_event::ReplacementEnded&) { on_replacement_ended(turn_); }

  void operator()(const pod_event::Tick&) {
    if (state_.adopting) return;
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

  [[nodiscard]] bool is(const ContainerRef& ref, Run run) {
    const ContainerState* container = find(ref);
    return container != nullptr && container->run == run;
  }

  Turn& turn_;
  PodState& state_;
};

}  // namespace

void absorb(Turn& turn, const PodEvent& event) { std::visit(Absorb(turn), event); }

}  // namespace podvisor
