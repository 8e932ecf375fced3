#include "metrics/process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "podvisor/fd.h"

namespace podvisor::metrics_test {
namespace {

TEST(ProcessMetrics, ReadsStatWhateverTheProgramsName) {
  const auto usage = parse_process_stat(
      "42 (a) b (c) S 1 42 42 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 4 0 1000 8192 3 18446 1 1",
      5000, 100, 4096);
  EXPECT_DOUBLE_EQ(usage.cpu_seconds, 3);
  EXPECT_DOUBLE_EQ(usage.start_time, 5010);
  EXPECT_DOUBLE_EQ(usage.virtual_memory, 8192);
  EXPECT_DOUBLE_EQ(usage.resident_memory, 3 * 4096);
}

TEST(ProcessMetrics, AnythingElseReadsAsNothing) {
  EXPECT_EQ(parse_process_stat("", 5000, 100, 4096).start_time, 0);
}

TEST(ProcessMetrics, CountsDescriptorsWithoutItsOwn) {
  const double before = read_process_usage().open_fds;
  const Fd one(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  EXPECT_EQ(read_process_usage().open_fds, before + 1);
  EXPECT_GT(read_process_usage().max_fds, before);
}

TEST(ProcessMetrics, TheTestsOwnReadingIsPlausible) {
  const auto usage = read_process_usage();
  EXPECT_GT(usage.resident_memory, 100'000);
  EXPECT_GT(usage.virtual_memory, usage.resident_memory);
  EXPECT_GT(usage.start_time, 1'600'000'000);
}

}  // namespace
}  // namespace podvisor::metrics_test
