#include "podvisor/probe_state.h"

#include <algorithm>
#include <utility>

namespace podvisor {
namespace {

constexpr int kMaxTries = 3;  // PRB-16
constexpr Duration kFirstRamp = std::chrono::milliseconds(20);

class ProbeStep {
 public:
  ProbeStep(const Probe& spec, ProbeKind kind, ProbeState& state, TimePoint now,
            std::vector<ProbeAction>& actions)
      : spec_(spec), kind_(kind), state_(state), now_(now), actions_(actions) {}

  void operator()(const probe_event::InstanceStarted& started) {
    cancel();
    const std::uint64_t last_id = state_.attempt_id;
    state_ = {};
    state_.attempt_id = last_id;
    state_.result = initial_result();
    state_.phase = ProbeState::Phase::Waiting;
    state_.not_before = now_ + spec_.initial_delay;  // PRB-6
    state_.due = state_.tick = state_.not_before;
    if (started.ramp && kind_ != ProbeKind::Liveness)
      state_.ramp = std::min<Duration>(kFirstRamp, spec_.period);
  }

  void operator()(const probe_event::InstanceEnded&) {
    cancel();
    if (state_.phase == ProbeState::Phase::Idle) return;
    state_.phase = ProbeState::Phase::Idle;
    state_.run = 0;
    state_.result = ProbeResult::Failure;  // PRB-11; kills are only computed for live instances
  }

  void operator()(const probe_event::Tick& tick) {
    if (state_.phase != ProbeState::Phase::Waiting || now_ < state_.due) return;
    if (tick.open)
      start_attempt();
    else
      state_.due = state_.tick = next_tick();  // PRB-14: behind a closed gate it passes silently
  }

  void operator()(const probe_event::Trigger&) {
    if (state_.phase != ProbeState::Phase::Waiting || now_ < state_.not_before) return;
    state_.due = state_.tick = now_;
    start_attempt();
  }

  void operator()(const probe_event::AttemptCompleted& completed) {
    if (state_.phase != ProbeState::Phase::InFlight || completed.attempt_id != state_.attempt_id)
      return;
    if (completed.verdict == Verdict::Error && state_.tries < kMaxTries) {
      start_try();
      return;
    }
    state_.phase = ProbeState::Phase::Waiting;
    actions_.push_back(probe_action::Verdicted{completed.verdict, completed.output,
                                               now_ - state_.attempt_started, state_.added});
    const bool success =
        completed.verdict == Verdict::Success || completed.verdict == Verdict::Warning;
    if (success) state_.ramp = Duration{0};
    plan_next();
    if (completed.verdict == Verdict::Error) return;  // PRB-17
    if (success || !state_.added) count(success);
  }

  void operator()(const probe_event::PodTerminating&) {
    if (kind_ == ProbeKind::Readiness || state_.phase == ProbeState::Phase::Idle) return;
    cancel();
    state_.phase = ProbeState::Phase::OnHold;
    state_.result = ProbeResult::Success;
  }

 private:
  [[nodiscard]] ProbeResult initial_result() const {  // PRB-9
    switch (kind_) {
      case ProbeKind::Readiness:
        return ProbeResult::Failure;
      case ProbeKind::Liveness:
        return ProbeResult::Success;
      case ProbeKind::Startup:
        break;
    }
    return ProbeResult::Unknown;
  }

  void cancel() {
    if (state_.phase == ProbeState::Phase::InFlight)
      actions_.push_back(probe_action::CancelAttempt{state_.attempt_id});
  }

  void start_attempt() {
    state_.attempt_started = now_;
    state_.tries = 0;
    state_.added = now_ < state_.tick;
    if (!state_.added) state_.tick = next_tick();
    start_try();
  }

  /// The first tick after now.
  [[nodiscard]] TimePoint next_tick() const {
    const Duration period = spec_.period;
    return state_.tick + ((now_ - state_.tick) / period + 1) * period;
  }

  /// At the next tick, or before it while the ramp lasts. What fell due during a long attempt runs
  /// once, right after it (PRB-4).
  void plan_next() {
    state_.due = state_.tick;
    if (state_.ramp == Duration{0}) return;
    state_.due = std::min(state_.tick, now_ + state_.ramp);
    state_.ramp = std::min<Duration>(state_.ramp * 2, spec_.period);
  }

  void start_try() {
    state_.phase = ProbeState::Phase::InFlight;
    ++state_.tries;
    ++state_.attempt_id;
    actions_.push_back(probe_action::StartAttempt{state_.attempt_id});
  }

  void count(bool success) {
    const int threshold = success ? spec_.success_threshold : spec_.failure_threshold;
    const bool goes_on = state_.run > 0 && state_.last_success == success;
    // Beyond the threshold nothing is counted: a steady probe leaves its state as it was.
    state_.run = goes_on ? std::min(state_.run + 1, threshold) : 1;
    state_.last_success = success;
    if (state_.run < threshold) return;
    publish(success ? ProbeResult::Success : ProbeResult::Failure);
  }

  void publish(ProbeResult result) {
    if (std::exchange(state_.result, result) != result)
      actions_.push_back(probe_action::Published{result});
    const bool holds = kind_ == ProbeKind::Startup ||
                       (kind_ == ProbeKind::Liveness && result == ProbeResult::Failure);
    if (!holds) return;
    state_.phase = ProbeState::Phase::OnHold;  // PRB-20
    state_.run = 0;
  }

  const Probe& spec_;
  ProbeKind kind_;
  ProbeState& state_;
  TimePoint now_;
  std::vector<ProbeAction>& actions_;
};

}  // namespace

void step(const Probe& spec, ProbeKind kind, ProbeState& state, const ProbeEvent& event,
          TimePoint now, std::vector<ProbeAction>& actions) {
  std::visit(ProbeStep(spec, kind, state, now, actions), event);
}

std::optional<TimePoint> wake_at(const ProbeState& state) {
  if (state.phase != ProbeState::Phase::Waiting) return std::nullopt;
  return state.due;
}

}  // namespace podvisor
