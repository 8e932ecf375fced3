#include "podvisor/backoff.h"

#include <algorithm>

namespace podvisor {
namespace {

bool starts_over(const BackoffSeries& series, TimePoint finished, const BackoffLimits& limits) {
  return !series.last_start || finished - *series.last_start > limits.reset;
}

}  // namespace

Duration backoff_delay(const BackoffSeries& series, TimePoint finished,
                       const BackoffLimits& limits) {
  return starts_over(series, finished, limits) ? Duration{0} : series.delay;
}

BackoffSeries after_restart(BackoffSeries series, TimePoint finished, TimePoint now,
                            const BackoffLimits& limits) {
  series.delay = starts_over(series, finished, limits) ? std::min(limits.initial, limits.max)
                                                       : std::min(series.delay * 2, limits.max);
  series.last_start = now;
  return series;
}

}  // namespace podvisor
