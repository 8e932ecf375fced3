#include "door/retry.h"

#include <algorithm>

namespace podvisor::door {

Verdict judge(const Attempt& attempt) {
  if (attempt.setback == Setback::NotConnected) return Verdict::Retry;
  const bool may_be_sent_again =
      attempt.replayable && attempt.resent < kMaxResent && (attempt.idempotent || attempt.unread);
  if (attempt.setback == Setback::Unavailable)
    return may_be_sent_again && !attempt.endpoint_ready ? Verdict::Retry : Verdict::Deliver;
  if (attempt.setback == Setback::BadAnswer) return Verdict::GiveUp;
  return may_be_sent_again ? Verdict::Retry : Verdict::GiveUp;
}

DoorFailure failure_of(Setback setback) {
  switch (setback) {
    case Setback::NotConnected:
      return DoorFailure::Connect;
    case Setback::BadAnswer:
      return DoorFailure::BadAnswer;
    default:
      return DoorFailure::NoAnswer;
  }
}

Duration rest_after(int failures) {
  constexpr auto kFirst = std::chrono::milliseconds(20);
  constexpr auto kLongest = std::chrono::milliseconds(500);
  const int doublings = std::clamp(failures - 1, 0, 5);
  return std::min<Duration>(kFirst * (1 << doublings), kLongest);
}

}  // namespace podvisor::door
