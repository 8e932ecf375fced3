// What becomes of a container's log when it has grown (LOG-5, LOG-6): the files beside it.
//
//   0.log                      being written
//   0.log.20261126-104709      the newest of the rotated ones: plain
//   0.log.20261126-104512.gz   older ones
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "podvisor/result.h"
#include "podvisor/time.h"

namespace podvisor {

struct LogRotation {
  std::int64_t max_size = 10 * 1024 * 1024;  ///< bytes; negative: never rotated
  int max_files = 5;                         ///< with the one that is being written; at least 2
};

/// What is to be done before the current file is rotated.
struct RotationPlan {
  std::vector<std::string> remove;
  std::vector<std::string> compress;
};

/// `names` are all entries of the directory, `log` the current file's name there. Pure.
[[nodiscard]] RotationPlan plan_rotation(std::vector<std::string> names, const std::string& log,
                                         int max_files);

/// "0.log.20261126-104709"; in UTC, so that names sort as the files do.
[[nodiscard]] std::string rotated_name(const std::string& log, WallTime now);

/// Carries out the plan for the log at `path`. Takes its time: for another thread. Stops, with
/// nothing half done, as soon as `cancelled`.
[[nodiscard]] Status prepare_rotation(const std::string& path, int max_files,
                                      const std::atomic<bool>& cancelled);

}  // namespace podvisor
