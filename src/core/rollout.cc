#include "podvisor/rollout.h"

#include <algorithm>
#include <utility>

namespace podvisor {
namespace {

using Stage = RolloutState::Stage;

constexpr Duration kCheckAgain = std::chrono::seconds(1);

bool before_switch(const RolloutState& state) {
  return state.stage == Stage::Starting || state.stage == Stage::Gating ||
         state.stage == Stage::Checking;
}

/// Whether somebody else still has the name.
bool has_way_back(const RolloutSpec& spec, const RolloutState& state) {
  return spec.surge && !state.old_gone;
}

std::string in_seconds(Duration duration) {
  return std::to_string(std::chrono::round<std::chrono::seconds>(duration).count()) + "s";
}

class RolloutTurn {
 public:
  RolloutTurn(const RolloutSpec& spec, RolloutStep& step, TimePoint now)
      : spec_(spec), state_(step.state), actions_(step.actions), now_(now) {}

  void operator()(const rollout_event::Began&) {
    if (std::exchange(state_.began, true)) return;
    state_.deadline = now_ + spec_.progress_deadline;
    if (spec_.has_old && !spec_.surge) {
      state_.stage = Stage::Emptying;
      return act(rollout_action::DeleteOld{});
    }
    act(rollout_action::CreateNew{});
  }

  void operator()(const rollout_event::NewReady&) { state_.new_ready = true; }

  void operator()(const rollout_event::NewNotReady&) {
    state_.new_ready = false;
    if (state_.stage == Stage::Baking) return go_back("NotReady", "it is not Ready any more");
    if (before_switch(state_)) state_.stage = Stage::Starting;
  }

  void operator()(const rollout_event::NewTroubled& event) {
    state_.last_trouble = event.message;
    if (spec_.restart && event.start_failed && before_switch(state_))
      fail("ReplacementNotStarted", "the replacement could not be started");
  }

  void operator()(const rollout_event::NewGone& event) {
    state_.last_trouble = event.message;
    state_.new_ready = false;
    if (state_.stage == Stage::Baking) return go_back("Gone", "it has ended");
    if (before_switch(state_)) fail("Gone", "the new pod has ended");
  }

  void operator()(const rollout_event::OldReady&) {
    if (!spec_.restart || !before_switch(state_)) return;
    fail("NotNeeded", "the pod that it was to replace is whole and Ready again");
  }

  void operator()(const rollout_event::OldGone&) {
    if (state_.stage == Stage::Emptying) {
      state_.stage = Stage::Starting;
      state_.deadline = now_ + spec_.progress_deadline;
      return act(rollout_action::CreateNew{});
    }
    if (state_.stage == Stage::Stopping) return end(Stage::Done, "Replaced", "");
    if (state_.stage == Stage::Baking) return end(Stage::Done, "Replaced", "");
    if (!before_switch(state_) || !spec_.surge || std::exchange(state_.old_gone, true)) return;
    act(rollout_action::Switch{});  // nobody else has the name now
  }

  void operator()(const rollout_event::Checked& event) {
    if (state_.stage != Stage::Checking || event.check != state_.check) return;
    if (event.error.empty()) {
      state_.stage = Stage::Gating;
      return pass();
    }
    state_.last_trouble = "a request through the door failed: " + event.error;
    act(rollout_action::EmitEvent{true, "TrafficCheckFailed", state_.last_trouble});
    state_.stage = Stage::Gating;
    state_.stage_ends = now_ + kCheckAgain;
  }

  void operator()(const rollout_event::Paused&) {
    if (!state_.paused_since) state_.paused_since = now_;
  }

  void operator()(const rollout_event::Resumed&) {
    if (!state_.paused_since) return;
    const Duration pause = now_ - *state_.paused_since;
    state_.paused_since.reset();
    state_.deadline += pause;
    if (state_.stage == Stage::Baking) state_.stage_ends += pause;
  }

  void operator()(const rollout_event::Undone&) {
    if (state_.stage == Stage::Baking) return go_back("Undone", "it was undone");
    if (before_switch(state_) && has_way_back(spec_, state_)) fail("Undone", "it was undone");
  }

  void operator()(const rollout_event::Superseded&) {
    if (state_.stage == Stage::Emptying) return end(Stage::Failed, "Superseded", "");
    if (state_.stage == Stage::Baking) stop_old();
    if (state_.stage == Stage::Stopping) return end(Stage::Done, "Replaced", "");
    if (before_switch(state_)) fail("Superseded", "a newer revision is there");
  }

  void operator()(const rollout_event::Tick&) {}

  /// What follows from what is known by now.
  void decide() {
    if (!state_.began || state_.ended() || state_.paused_since) return;
    if (state_.stage == Stage::Starting && state_.new_ready) {
      state_.stage = Stage::Gating;
      state_.stage_ends = now_ + spec_.min_ready;
    }
    if (state_.stage == Stage::Gating && state_.stage_ends <= now_) pass_gate();
    if (before_switch(state_) && state_.deadline <= now_)
      fail("ProgressDeadlineExceeded",
           "the new pod was not Ready in " + in_seconds(spec_.progress_deadline));
    if (state_.stage == Stage::Baking && state_.stage_ends <= now_) stop_old();
  }

 private:
  void act(RolloutAction action) { actions_.push_back(std::move(action)); }

  void end(Stage stage, std::string reason, std::string message) {
    state_.stage = stage;
    state_.reason = std::move(reason);
    state_.message = std::move(message);
  }

  void pass_gate() {
    if (!has_way_back(spec_, state_))
      return end(Stage::Done, spec_.has_old ? "Replaced" : "Ready", "");
    state_.stage = Stage::Checking;
    act(rollout_action::CheckTraffic{++state_.check});
  }

  /// The check has passed.
  void pass() {
    if (state_.paused_since) return;  // asked again when it is resumed
    if (!has_way_back(spec_, state_)) return end(Stage::Done, "Replaced", "");
    act(rollout_action::Switch{});
    state_.stage = Stage::Baking;
    state_.stage_ends = now_ + spec_.bake;
    const bool bakes = spec_.bake != Duration{0};
    act(rollout_action::EmitEvent{
        false, "TrafficSwitched",
        bakes ? "this pod has the traffic; the one before is kept for " + in_seconds(spec_.bake)
              : "this pod has the traffic; the one before drains and stops"});
  }

  void stop_old() {
    state_.stage = Stage::Stopping;
    act(rollout_action::DeleteOld{});
  }

  [[nodiscard]] std::string because(const std::string& why) const {
    return state_.last_trouble.empty() ? why : why + ": " + state_.last_trouble;
  }

  /// Somebody wanted it so: nothing that anybody has to be warned of.
  static bool was_asked_for(const std::string& reason) {
    return reason == "Undone" || reason == "Superseded" || reason == "NotNeeded";
  }

  void fail(const std::string& reason, const std::string& why) {
    const bool asked_for = was_asked_for(reason);
    const bool stays = has_way_back(spec_, state_);
    const std::string message = asked_for ? why : because(why);
    if (stays) act(rollout_action::DeleteNew{});
    act(rollout_action::EmitEvent{!asked_for, asked_for ? "Rollout" + reason : "RolloutFailed",
                                  message + (stays ? "; the old pod stays" : "")});
    end(Stage::Failed, reason, message);
  }

  /// Out of the bake: the old pod is there, alive.
  void go_back(const std::string& reason, const std::string& why) {
    const std::string message = because("the new pod failed within its bake time: " + why);
    act(rollout_action::Switch{.back = true});
    act(rollout_action::DeleteNew{});
    act(rollout_action::EmitEvent{true, "RolledBack", message + "; the old pod has the traffic"});
    end(Stage::Failed, reason, message);
  }

  const RolloutSpec& spec_;
  RolloutState& state_;
  std::vector<RolloutAction>& actions_;
  TimePoint now_;
};

}  // namespace

RolloutStep step(const RolloutSpec& spec, RolloutState state, const RolloutEvent& event,
                 TimePoint now) {
  RolloutStep result{std::move(state), {}};
  if (result.state.ended()) return result;
  RolloutTurn turn(spec, result, now);
  std::visit(turn, event);
  turn.decide();
  return result;
}

std::optional<TimePoint> wake_at(const RolloutSpec&, const RolloutState& state) {
  if (!state.began || state.ended() || state.paused_since) return std::nullopt;
  if (state.stage == Stage::Gating) return std::min(state.deadline, state.stage_ends);
  if (state.stage == Stage::Baking) return state.stage_ends;
  if (before_switch(state)) return state.deadline;
  return std::nullopt;  // the old pod's end comes by itself
}

bool can_go_back(const RolloutSpec& spec, const RolloutState& state) {
  if (!state.began || state.ended()) return false;
  return state.stage == Stage::Baking || (before_switch(state) && has_way_back(spec, state));
}

std::string progress(const RolloutSpec& spec, const RolloutState& state) {
  const std::string trouble = state.last_trouble.empty() ? "" : ": " + state.last_trouble;
  const std::string paused = state.paused_since ? " (paused)" : "";
  switch (state.stage) {
    case Stage::Emptying:
      return "waiting for the old pod to stop" + paused;
    case Stage::Starting:
      return "waiting for the new pod to be Ready" + paused + trouble;
    case Stage::Gating:
      return "waiting for the new pod to stay Ready for " + in_seconds(spec.min_ready) + paused;
    case Stage::Checking:
      return "asking the new pod through the door" + paused;
    case Stage::Baking:
      return "the new pod has the traffic; the old one is kept for " + in_seconds(spec.bake) +
             paused;
    case Stage::Stopping:
      return "the new pod has the traffic; waiting for the old one to drain and stop";
    case Stage::Done:
      return "done";
    case Stage::Failed:
      break;
  }
  return "failed: " + state.reason + (state.message.empty() ? "" : ": " + state.message);
}

const char* to_string(Stage stage) {
  switch (stage) {
    case Stage::Emptying:
      return "Emptying";
    case Stage::Starting:
      return "Starting";
    case Stage::Gating:
      return "Gating";
    case Stage::Checking:
      return "Checking";
    case Stage::Baking:
      return "Baking";
    case Stage::Stopping:
      return "Stopping";
    case Stage::Done:
      return "Done";
    case Stage::Failed:
      break;
  }
  return "Failed";
}

}  // namespace podvisor
