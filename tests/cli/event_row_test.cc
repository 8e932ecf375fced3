#include "cli/event_row.h"

#include <gtest/gtest.h>

#include "cli/now.h"
#include "cli/text.h"

namespace podvisor::cli {
namespace {

Json unhealthy(int count) {
  return {{"type", "Warning"},
          {"reason", "Unhealthy"},
          {"message", "Readiness probe failed: HTTP probe failed with statuscode: 503\nmore\n"},
          {"count", count},
          {"firstTimestamp", "2026-03-01T12:00:00Z"},
          {"lastTimestamp", "2026-03-01T12:09:30Z"},
          {"metadata", {{"namespace", "shop"}}},
          {"involvedObject", {{"kind", "Pod"}, {"name", "web"}}}};
}

TEST(EventRow, ShowsWhatKubectlShows) {
  EXPECT_EQ(event_cells(unhealthy(1), false, kNow),
            (std::vector<std::string>{
                "10m", "Warning", "Unhealthy", "Pod/web",
                "Readiness probe failed: HTTP probe failed with statuscode: 503..."}));
  EXPECT_EQ(event_cells(unhealthy(1), true, kNow).front(), "shop");
  EXPECT_EQ(event_header(true).size(), event_cells(unhealthy(1), true, kNow).size());
}

TEST(EventRow, CountsRepeats) {
  EXPECT_EQ(event_interval(unhealthy(5), kNow), "30s (x5 over 10m)");
}

TEST(EventRow, ReadsASeries) {
  const Json event{{"eventTime", "2026-03-01T12:00:00.000000Z"},
                   {"series", {{"count", 7}, {"lastObservedTime", "2026-03-01T12:09:00Z"}}}};
  EXPECT_EQ(event_interval(event, kNow), "60s (x7 over 10m)");
}

TEST(EventRow, SortsByTheLastTime) {
  std::vector<Json> events{unhealthy(1), {{"eventTime", "2026-03-01T12:01:00Z"}}, Json::object()};
  sort_events(events);
  EXPECT_EQ(event_time(events[0]), "");
  EXPECT_EQ(event_time(events[1]), "2026-03-01T12:01:00Z");
  EXPECT_EQ(raw_text(events[2], "reason"), "Unhealthy");
}

TEST(EventMessage, IsTrimmedAndHarmless) {
  EXPECT_EQ(event_message({{"message", "  a\x1b[1m  \n"}}), "a^[[1m");
  EXPECT_EQ(event_message({{"message", "\n \n"}}), "");
}

}  // namespace
}  // namespace podvisor::cli
