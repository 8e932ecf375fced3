#include "podvisor/probe_state.h"

#include <gtest/gtest.h>

#include <string>

namespace podvisor {
namespace {

using namespace std::chrono_literals;

class ProbeTest : public testing::Test {
 protected:
  /// Sends the event `after` seconds later; returns the actions as one line of text.
  std::string send(const ProbeEvent& event, Duration after = 0s) {
    now_ += after;
    std::vector<ProbeAction> actions;
    step(spec_, kind_, state_, event, now_, actions);
    std::string text;
    for (const ProbeAction& action : actions) text += (text.empty() ? "" : " ") + name(action);
    return text;
  }
  std::string begin() { return send(probe_event::InstanceStarted{}); }
  std::string tick(Duration after = 0s) { return send(probe_event::Tick{}, after); }
  std::string answer(Verdict verdict, Duration after = 0s) {
    return send(probe_event::AttemptCompleted{state_.attempt_id, verdict, "out"}, after);
  }
  /// One whole attempt: at its tick, answered at once.
  std::string attempt(Verdict verdict) {
    EXPECT_TRUE(wake_at(state_));
    now_ = *wake_at(state_);
    EXPECT_EQ(tick(), "start");
    return answer(verdict);
  }

  static std::string name(const ProbeAction& action) {
    if (std::holds_alternative<probe_action::StartAttempt>(action)) return "start";
    if (std::holds_alternative<probe_action::CancelAttempt>(action)) return "cancel";
    if (const auto* v = std::get_if<probe_action::Verdicted>(&action))
      return v->verdict == Verdict::Error ? "discarded" : "verdict";
    const auto result = std::get<probe_action::Published>(action).result;
    return result == ProbeResult::Success ? "SUCCESS" : "FAILURE";
  }

  Probe spec_{.handler = TcpSocketAction{}};
  ProbeKind kind_ = ProbeKind::Liveness;
  ProbeState state_;
  TimePoint now_{100s};
};

TEST_F(ProbeTest, PRB8_NothingHappensWithoutAnInstance) {
  EXPECT_EQ(tick(1h), "");
  EXPECT_EQ(wake_at(state_), std::nullopt);
}

TEST_F(ProbeTest, PRB9_ANewInstanceBeginsWithTheInitialResult) {
  const std::pair<ProbeKind, ProbeResult> table[] = {{ProbeKind::Readiness, ProbeResult::Failure},
                                                     {ProbeKind::Liveness, ProbeResult::Success},
                                                     {ProbeKind::Startup, ProbeResult::Unknown}};
  for (const auto& [kind, result] : table) {
    kind_ = kind;
    state_ = {};
    begin();
    EXPECT_EQ(state_.result, result) << to_string(kind);
  }
}

TEST_F(ProbeTest, PRB3a_PRB6_FirstAttemptComesAfterTheInitialDelayThenEveryPeriod) {
  spec_.initial_delay = 5s;
  begin();
  EXPECT_EQ(tick(4999ms), "");
  EXPECT_EQ(tick(1ms), "start");
  answer(Verdict::Success, 2s);
  EXPECT_EQ(wake_at(state_), TimePoint{100s + 15s});
}

TEST_F(ProbeTest, PRB4_AttemptsNeverOverlapAndOneMissedTickIsRemembered) {
  begin();
  tick();
  EXPECT_EQ(tick(25s), "");  // in flight
  EXPECT_EQ(answer(Verdict::Success), "verdict");
  EXPECT_EQ(tick(), "start");  // the tick of t+10, remembered
  answer(Verdict::Success);
  EXPECT_EQ(tick(), "");
  EXPECT_EQ(wake_at(state_), TimePoint{130s});
}

TEST_F(ProbeTest, PRB5_ATriggerProbesAtOnceAndRestartsThePeriod) {
  kind_ = ProbeKind::Readiness;
  begin();
  attempt(Verdict::Failure);
  now_ += 4s;
  EXPECT_EQ(send(probe_event::Trigger{}), "start");
  EXPECT_EQ(send(probe_event::Trigger{}), "");  // never two at once
  answer(Verdict::Failure);
  EXPECT_EQ(wake_at(state_), TimePoint{114s});
}

TEST_F(ProbeTest, PRB13_ATriggerWithinTheInitialDelayDoesNothing) {
  kind_ = ProbeKind::Readiness;
  spec_.initial_delay = 5s;
  begin();
  EXPECT_EQ(send(probe_event::Trigger{}, 4s), "");
  EXPECT_EQ(send(probe_event::Trigger{}, 1s), "start");
}

TEST_F(ProbeTest, PRB14_TicksBehindAClosedGatePassSilently) {
  begin();
  EXPECT_EQ(send(probe_event::Tick{false}, 25s), "");
  EXPECT_EQ(wake_at(state_), TimePoint{130s});
}

TEST_F(ProbeTest, PRB14_ATriggerAfterTheGateOpenedDoesNotWaitForTheTick) {
  kind_ = ProbeKind::Readiness;
  spec_.initial_delay = 5s;
  begin();
  send(probe_event::Tick{false}, 12s);
  EXPECT_EQ(send(probe_event::Trigger{}), "start");
}

TEST_F(ProbeTest, PRB16_OnlyInternalErrorsAreTriedAgainAtOnceUpToThreeTimes) {
  begin();
  EXPECT_EQ(tick(), "start");
  EXPECT_EQ(answer(Verdict::Error), "start");
  EXPECT_EQ(answer(Verdict::Error), "start");
  EXPECT_EQ(answer(Verdict::Success), "verdict");
  attempt(Verdict::Failure);
  EXPECT_EQ(state_.run, 1);
}

TEST_F(ProbeTest, PRB17_ThreeErrorsDiscardTheAttempt) {
  spec_.failure_threshold = 2;
  begin();
  attempt(Verdict::Failure);
  EXPECT_EQ(attempt(Verdict::Error), "start");
  EXPECT_EQ(answer(Verdict::Error), "start");
  EXPECT_EQ(answer(Verdict::Error), "discarded");
  EXPECT_EQ(state_.run, 1);  // neither counted nor reset
  EXPECT_EQ(attempt(Verdict::Failure), "verdict FAILURE");
}

TEST_F(ProbeTest, PRB18_AWarningCountsAsSuccess) {
  kind_ = ProbeKind::Readiness;
  begin();
  EXPECT_EQ(attempt(Verdict::Warning), "verdict SUCCESS");
}

TEST_F(ProbeTest, PRB19_TheResultChangesWhenARunReachesItsThreshold) {
  kind_ = ProbeKind::Readiness;
  spec_.success_threshold = 2;
  spec_.failure_threshold = 3;
  begin();
  EXPECT_EQ(attempt(Verdict::Success), "verdict");
  EXPECT_EQ(attempt(Verdict::Failure), "verdict");  // restarts the run
  EXPECT_EQ(attempt(Verdict::Success), "verdict");
  EXPECT_EQ(attempt(Verdict::Success), "verdict SUCCESS");
  EXPECT_EQ(attempt(Verdict::Success), "verdict");  // a repeat is not published
  EXPECT_EQ(attempt(Verdict::Failure), "verdict");
  EXPECT_EQ(attempt(Verdict::Failure), "verdict");
  EXPECT_EQ(attempt(Verdict::Success), "verdict");
  EXPECT_EQ(attempt(Verdict::Failure), "verdict");
  EXPECT_EQ(attempt(Verdict::Failure), "verdict");
  EXPECT_EQ(attempt(Verdict::Failure), "verdict FAILURE");
}

TEST_F(ProbeTest, PRB20_LivenessHoldsAfterItsFailureUntilANewInstance) {
  spec_.failure_threshold = 1;
  begin();
  EXPECT_EQ(attempt(Verdict::Failure), "verdict FAILURE");
  EXPECT_EQ(state_.phase, ProbeState::Phase::OnHold);
  EXPECT_EQ(tick(1h), "");
  begin();
  EXPECT_EQ(tick(), "start");
}

TEST_F(ProbeTest, PRB20_StartupHoldsAfterEitherVerdict) {
  kind_ = ProbeKind::Startup;
  spec_.failure_threshold = 1;
  for (const Verdict verdict : {Verdict::Success, Verdict::Failure}) {
    begin();
    attempt(verdict);
    EXPECT_EQ(state_.phase, ProbeState::Phase::OnHold);
    EXPECT_EQ(wake_at(state_), std::nullopt);
  }
}

TEST_F(ProbeTest, PRB21_ANewInstanceStartsItsRunFromNothing) {
  begin();
  attempt(Verdict::Failure);
  attempt(Verdict::Failure);
  send(probe_event::InstanceEnded{});
  begin();
  EXPECT_EQ(attempt(Verdict::Failure), "verdict");
}

TEST_F(ProbeTest, PRB22_TheVerdictComesThresholdMinusOnePeriodsAfterTheFirstAttempt) {
  begin();
  attempt(Verdict::Failure);
  attempt(Verdict::Failure);
  EXPECT_EQ(attempt(Verdict::Failure), "verdict FAILURE");
  EXPECT_EQ(now_, TimePoint{120s});
}

TEST_F(ProbeTest, PRB11_TheEndOfTheInstanceCancelsAndReadsAsFailure) {
  begin();
  tick();
  EXPECT_EQ(send(probe_event::InstanceEnded{}), "cancel");
  EXPECT_EQ(state_.result, ProbeResult::Failure);
  EXPECT_EQ(wake_at(state_), std::nullopt);
}

TEST_F(ProbeTest, PRB12_OnTerminationLivenessSucceedsAndEndsReadinessGoesOn) {
  begin();
  tick();
  EXPECT_EQ(send(probe_event::PodTerminating{}), "cancel");
  EXPECT_EQ(state_.result, ProbeResult::Success);
  EXPECT_EQ(wake_at(state_), std::nullopt);
  kind_ = ProbeKind::Readiness;
  begin();
  tick();
  EXPECT_EQ(send(probe_event::PodTerminating{}), "");
  EXPECT_EQ(answer(Verdict::Failure), "verdict");
}

TEST_F(ProbeTest, AStaleCompletionIsDropped) {
  begin();
  tick();
  EXPECT_EQ(send(probe_event::AttemptCompleted{state_.attempt_id - 1, Verdict::Failure, ""}), "");
  send(probe_event::InstanceEnded{});
  EXPECT_EQ(answer(Verdict::Failure), "");
}

TEST_F(ProbeTest, PRB31_TheDurationSpansAllTries) {
  begin();
  tick();
  answer(Verdict::Error, 1s);
  now_ += 2s;
  std::vector<ProbeAction> actions;
  step(spec_, kind_, state_, probe_event::AttemptCompleted{state_.attempt_id, Verdict::Success, ""},
       now_, actions);
  EXPECT_EQ(std::get<probe_action::Verdicted>(actions.at(0)).duration, 3s);
}

}  // namespace
}  // namespace podvisor
