// Drives one rollout through step() with a manual clock, and remembers what it said on one line a
// step: "Gating: CheckTraffic 1".
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <variant>

#include "podvisor/rollout.h"

namespace podvisor {

struct RolloutWord {
  std::string operator()(const rollout_action::CreateNew&) const { return "CreateNew"; }
  std::string operator()(const rollout_action::CheckTraffic& action) const {
    return "CheckTraffic " + std::to_string(action.check);
  }
  std::string operator()(const rollout_action::Switch& action) const {
    return action.back ? "SwitchBack" : "Switch";
  }
  std::string operator()(const rollout_action::DeleteOld&) const { return "DeleteOld"; }
  std::string operator()(const rollout_action::DeleteNew&) const { return "DeleteNew"; }
  std::string operator()(const rollout_action::EmitEvent& action) const { return action.reason; }
};

class RolloutDriver {
 public:
  explicit RolloutDriver(RolloutSpec spec) : spec_(spec) {}

  /// What was said, and where the rollout is now.
  std::string send(const RolloutEvent& event) {
    RolloutStep taken = step(spec_, std::move(state_), event, now_);
    state_ = std::move(taken.state);
    actions_ = std::move(taken.actions);
    std::string line = to_string(state_.stage);
    for (const RolloutAction& action : actions_)
      line += (line.ends_with(":") || line.find(':') != std::string::npos ? " " : ": ") +
              std::visit(RolloutWord{}, action);
    return line;
  }
  std::string advance(Duration span) {
    now_ += span;
    return send(rollout_event::Tick{});
  }
  [[nodiscard]] Duration until_wake() const {
    const auto at = wake_at(spec_, state_);
    return at ? *at - now_ : Duration::max();
  }
  [[nodiscard]] const RolloutState& state() const { return state_; }
  [[nodiscard]] const RolloutSpec& spec() const { return spec_; }
  [[nodiscard]] const std::vector<RolloutAction>& actions() const { return actions_; }

 private:
  RolloutSpec spec_;
  RolloutState state_;
  std::vector<RolloutAction> actions_;  ///< of the last step
  TimePoint now_{std::chrono::seconds(1000)};
};

}  // namespace podvisor
