#include "podvisor/backoff.h"

#include <gtest/gtest.h>

#include <vector>

namespace podvisor {
namespace {

using namespace std::chrono_literals;

/// Delays before successive restarts of something that ends `lifetime` after each start.
std::vector<int> delays(int restarts, Duration lifetime, const BackoffLimits& limits = {}) {
  BackoffSeries series;
  TimePoint finished{1000s};
  std::vector<int> seconds;
  for (int i = 0; i < restarts; ++i) {
    const Duration delay = backoff_delay(series, finished, limits);
    seconds.push_back(
        static_cast<int>(std::chrono::duration_cast<std::chrono::seconds>(delay).count()));
    const TimePoint start = finished + delay;
    series = after_restart(series, finished, start, limits);
    finished = start + lifetime;
  }
  return seconds;
}

TEST(Backoff, BKO3_DoublesFromTenSecondsToFiveMinutes) {
  EXPECT_EQ(delays(9, 1s), (std::vector{0, 10, 20, 40, 80, 160, 300, 300, 300}));
}

TEST(Backoff, BKO4_AnInstanceThatLivesOverTenMinutesStartsTheSeriesOver) {
  EXPECT_EQ(delays(4, 601s), (std::vector{0, 0, 0, 0}));
}

TEST(Backoff, BKO4_ExactlyTenMinutesDoesNotReset) {
  EXPECT_EQ(delays(3, 600s), (std::vector{0, 10, 20}));
}

TEST(Backoff, BKO8_ACapBelowTenSecondsLowersTheFirstDelayToo) {
  EXPECT_EQ(delays(4, 1s, {.initial = 10s, .max = 3s}), (std::vector{0, 3, 3, 3}));
}

TEST(Backoff, BKO2_TheDelayCountsFromTheCrashAndForgetsAfterTenMinutes) {
  const TimePoint start{1000s};
  EXPECT_EQ(backoff_delay({}, start), Duration{0});  // no entry
  const BackoffSeries once = after_restart({}, start, start);
  EXPECT_EQ(once, (BackoffSeries{start, 10s}));
  EXPECT_EQ(backoff_delay(once, start + 600s), 10s);
  EXPECT_EQ(backoff_delay(once, start + 601s), Duration{0});
  const BackoffSeries twice = after_restart(once, start + 1s, start + 11s);
  EXPECT_EQ(twice, (BackoffSeries{start + 11s, 20s}));
  EXPECT_EQ(after_restart(twice, start + 700s, start + 700s), (BackoffSeries{start + 700s, 10s}));
}

}  // namespace
}  // namespace podvisor
