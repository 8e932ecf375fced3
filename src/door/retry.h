// Whether a request that came to nothing is sent again, elsewhere, or what its client is told.
// Pure.
#pragma once

#include <cstdint>

#include "podvisor/ports/door.h"

namespace podvisor::door {

enum class Setback : std::uint8_t {
  NotConnected,  ///< refused, unreachable, timed out: not a byte was sent
  HungUp,        ///< reset or closed before the head of an answer was there
  BadAnswer,     ///< not HTTP/1.1
  Unavailable,   ///< 502, 503 or 504
};

/// A request, as far as it got with one endpoint.
struct Attempt {
  Setback setback = Setback::NotConnected;
  bool idempotent = false;
  bool replayable = false;  ///< everything sent so far is still at hand
  bool unread = false;      ///< the kernel at the other end took none of it
  bool endpoint_ready = true;
  int resent = 0;  ///< how often it has been sent again already; NotConnected does not count
};

enum class Verdict : std::uint8_t {
  Retry,
  Deliver,  ///< Unavailable: the client gets what the endpoint said
  GiveUp,
};

/// More than this is a request that kills its endpoints.
inline constexpr int kMaxResent = 3;

[[nodiscard]] Verdict judge(const Attempt& attempt);

/// What the metrics call it when judge() gave up.
[[nodiscard]] DoorFailure failure_of(Setback setback);

/// How long an endpoint that could not be reached is left alone, by how often in a row: 20 ms,
/// doubling, at most 500 ms. Short, since it is control that says who is Ready.
[[nodiscard]] Duration rest_after(int failures);

}  // namespace podvisor::door
