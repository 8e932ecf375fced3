// Crash back-off (kubernetes-semantics BKO): 0, 10, 20, 40 … 300 s between a crash and the restart.
#pragma once

#include <chrono>
#include <optional>

#include "podvisor/time.h"

namespace podvisor {

struct BackoffLimits {
  Duration initial = std::chrono::seconds(10);
  Duration max = std::chrono::seconds(300);
  Duration reset = std::chrono::seconds(600);  ///< fixed, not twice the cap (BKO-4)
};

/// One series (BKO-1). Empty until the first restart is permitted.
struct BackoffSeries {
  std::optional<TimePoint> last_start;  ///< of the latest permitted restart
  Duration delay{0};                    ///< what the next restart must wait after its crash
  friend bool operator==(const BackoffSeries&, const BackoffSeries&) = default;
};

/// How long after `finished` a restart must wait; zero: at once (BKO-2).
[[nodiscard]] Duration backoff_delay(const BackoffSeries& series, TimePoint finished,
                                     const BackoffLimits& limits = {});

/// The series after a restart permitted at `now` of an instance that ended at `finished`.
[[nodiscard]] BackoffSeries after_restart(BackoffSeries series, TimePoint finished, TimePoint now,
                                          const BackoffLimits& limits = {});

}  // namespace podvisor
