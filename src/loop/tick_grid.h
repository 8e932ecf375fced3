// The grid that all ticks come on, so that one wake-up of the loop serves every probe that is due:
// with a thousand probes a second that is a tenth of the wake-ups. Pure.
#pragma once

#include <algorithm>

#include "podvisor/time.h"

namespace podvisor {

using TickGrid = std::chrono::duration<std::int64_t, std::ratio<1, 100>>;

/// How long to sleep for what is due `at`: at most a step of the grid too long. What is due stays
/// due when it was, so that nothing drifts.
[[nodiscard]] inline Duration until_tick(TimePoint at, TimePoint now) {
  const TimePoint shared{std::chrono::ceil<TickGrid>(at.time_since_epoch())};
  return std::max(shared - now, Duration{0});
}

}  // namespace podvisor
