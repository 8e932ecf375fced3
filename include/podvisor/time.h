// Time as the core sees it: always an argument, never asked for.
#pragma once

#include <chrono>

namespace podvisor {

using Duration = std::chrono::nanoseconds;
/// Monotonic: every deadline and every measured span.
using TimePoint = std::chrono::time_point<std::chrono::steady_clock, Duration>;
/// UTC: what a person reads in a status field. Nothing is ever decided by it.
using WallTime = std::chrono::sys_time<Duration>;

/// One moment read from both clocks.
struct Instant {
  TimePoint monotonic;
  WallTime wall;
  friend bool operator==(const Instant&, const Instant&) = default;
};

class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Instant now() const = 0;
};

}  // namespace podvisor
