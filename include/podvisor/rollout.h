// Replacing one pod by another of the same name, as a pure state machine (DIF-3.5, DIF-2.4):
// step(spec, state, event, now) -> {state, actions}.
//
//   surge       Starting ──► Gating ──► Checking ──► Baking ──► Stopping ──► Done
//                  ▲ not Ready │           │ switch    │ new one fails
//                  └───────────┴───────────┘           └──► Failed (traffic goes back)
//                  deadline, undone, superseded ──► Failed (the old one never noticed)
//
//   recreate    Emptying ──► Starting ──► Gating ──► Done, or Failed at the deadline
//
//   Emptying   the old pod stops first; the new one is made when it is gone
//   Starting   the new pod is not Ready yet
//   Gating     it is, and has to stay so for `min_ready`
//   Checking   one request through the door's own path is under way
//   Baking     the new pod has the traffic; the old one is kept alive without, for `bake`
//   Stopping   the old one drains and stops
//   Done, Failed   nothing follows; `reason` says why
//
// Who had no pod before has nothing to empty: its first pod is a recreate that begins at Starting.
// A rollout that has failed before its switch says DeleteNew and is over: it waits for nobody.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "podvisor/time.h"

namespace podvisor {

struct RolloutSpec {
  bool has_old = false;  ///< there is a pod to replace
  bool surge = false;    ///< the new pod first, beside the old one; only with has_old
  /// A Surge restart (DIF-2.4): it is dropped when the old pod is whole again, and fails with the
  /// first start that fails.
  bool restart = false;
  Duration min_ready{0};
  Duration progress_deadline = std::chrono::seconds(600);  ///< from its begin to the switch
  Duration bake{0};
};

struct RolloutState {
  enum class Stage : std::uint8_t {
    Emptying,
    Starting,
    Gating,
    Checking,
    Baking,
    Stopping,
    Done,
    Failed,
  };
  Stage stage = Stage::Starting;
  bool began = false;
  bool new_ready = false;
  bool old_gone = false;  ///< before its time: deleted by somebody
  TimePoint deadline;     ///< moves while paused
  TimePoint stage_ends;   ///< Gating: may be checked from here on; Baking: the bake's end
  std::optional<TimePoint> paused_since;
  std::uint64_t check = 0;   ///< id of the latest check; answers to others are stale
  std::string last_trouble;  ///< what the new pod, or the check, said last against it
  std::string reason;        ///< of the end: "Replaced", "ProgressDeadlineExceeded", …
  std::string message;       ///< the same for a person, with what the probe answered

  [[nodiscard]] bool ended() const { return stage == Stage::Done || stage == Stage::Failed; }
};

namespace rollout_event {
struct Began {};
struct NewReady {};
struct NewNotReady {};
/// Something went wrong with it that need not be the end: a probe failed, a container crashed, an
/// image is not there. `start_failed`: its sandbox or a container could not be started.
struct NewTroubled {
  std::string message;
  bool start_failed = false;
};
/// It ended by itself, or was deleted by somebody.
struct NewGone {
  std::string message;
};
struct OldReady {};  ///< whole again (DIF-2.4)
struct OldGone {};
/// The answer to a check; `error` empty: it passed.
struct Checked {
  std::uint64_t check = 0;
  std::string error;
};
struct Paused {};
struct Resumed {};
struct Undone {};      ///< somebody wants the old one back
struct Superseded {};  ///< a newer revision is there
struct Tick {};        ///< wake_at() was reached
}  // namespace rollout_event
using RolloutEvent =
    std::variant<rollout_event::Began, rollout_event::NewReady, rollout_event::NewNotReady,
                 rollout_event::NewTroubled, rollout_event::NewGone, rollout_event::OldReady,
                 rollout_event::OldGone, rollout_event::Checked, rollout_event::Paused,
                 rollout_event::Resumed, rollout_event::Undone, rollout_event::Superseded,
                 rollout_event::Tick>;

namespace rollout_action {
/// Beside the old one if there is one, else in its place. Answered by NewReady, or not.
struct CreateNew {};
/// Answered by Checked, at the latest when its own time is over.
struct CheckTraffic {
  std::uint64_t check = 0;
};
/// The name and its traffic go to the new pod, or back to the old one, in one step.
struct Switch {
  bool back = false;
};
struct DeleteOld {};
struct DeleteNew {};
/// A Kubernetes event about the new pod.
struct EmitEvent {
  bool warning = false;
  std::string reason;
  std::string message;
};
}  // namespace rollout_action
using RolloutAction =
    std::variant<rollout_action::CreateNew, rollout_action::CheckTraffic, rollout_action::Switch,
                 rollout_action::DeleteOld, rollout_action::DeleteNew, rollout_action::EmitEvent>;

struct RolloutStep {
  RolloutState state;
  std::vector<RolloutAction> actions;
};

[[nodiscard]] RolloutStep step(const RolloutSpec& spec, RolloutState state,
                               const RolloutEvent& event, TimePoint now);

/// When the rollout wants its next Tick; nothing while it only waits for others.
[[nodiscard]] std::optional<TimePoint> wake_at(const RolloutSpec& spec, const RolloutState& state);

/// Undone would bring the old pod back as it is, in one step.
[[nodiscard]] bool can_go_back(const RolloutSpec& spec, const RolloutState& state);

/// One line for a person who waits: what it is waiting for, or how it ended.
[[nodiscard]] std::string progress(const RolloutSpec& spec, const RolloutState& state);

[[nodiscard]] const char* to_string(RolloutState::Stage stage);

}  // namespace podvisor
