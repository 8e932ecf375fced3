#include "cli/pull_line.h"

#include <chrono>

#include "cli/byte_count.h"
#include "cli/text.h"

namespace podvisor::cli {
namespace {

/// Nothing before there is something to judge by.
std::string time_left(const PullProgress& progress) {
  const double seconds = std::chrono::duration<double>(progress.elapsed).count();
  if (progress.bytes <= 0 || progress.bytes >= progress.total_bytes || seconds < 1) return {};
  const double rest = static_cast<double>(progress.total_bytes - progress.bytes);
  const double left = rest * seconds / static_cast<double>(progress.bytes);
  return "  " + human_duration(std::chrono::seconds(static_cast<std::int64_t>(left) + 1)) + " left";
}

}  // namespace

std::string pull_line(const PullProgress& progress) {
  std::string line = printable(progress.image) + "  " + byte_count(progress.bytes);
  if (progress.total_bytes > 0) {
    line += " of " + byte_count(progress.total_bytes) + " (" +
            std::to_string(progress.bytes * 100 / progress.total_bytes) + "%)  " +
            std::to_string(progress.layers_done) + " of " + std::to_string(progress.layers) +
            " layers";
  }
  return line + (progress.unpacking ? "  unpacking" : time_left(progress));
}

}  // namespace podvisor::cli
