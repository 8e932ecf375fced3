// What becomes of a container's log when it has grown (LOG-5, LOG-6): the files beside it.
//
//   0.log                        being written
//   0.log.20261126-104709.250    the newest of the rotated ones: plain
//   0.log.20261126-104709.gz     older ones
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "podvisor/result.h"
#include "podvisor/time.h"

namespace podvisor {

struct LogRotation {
  std::int64_t max_size = 10 * 1024 * 1024;  ///< bytes; negative: never rotated
  int max_files = 5;                         ///< with the one that is being written; at least 2
};

/// What is to be done with the rotated files, once the current one has become one of them.
struct TidyPlan {
  std::vector<std::string> remove;
  std::vector<std::string> compress;
};

/// `names` are all entries of the directory, `log` the current file's name there. Pure.
[[nodiscard]] TidyPlan plan_tidying(std::vector<std::string> names, const std::string& log,
                                    int max_files);

/// "0.log.20261126-104709", as kubelet has it, or, where `taken` says that there is one,
/// "0.log.20261126-104709.250"; in UTC, so that names sort as the files do. Pure.
[[nodiscard]] std::string rotated_name(const std::string& log, WallTime now,
                                       const std::function<bool(const std::string&)>& taken);

/// Carries out the plan for the log at `path`: removes first, which bounds what there is, and then
/// compresses, which takes its time: for another thread. Stops, with nothing half done, as soon as
/// `cancelled`, but not before what is too much is gone.
[[nodiscard]] Status tidy_rotated(const std::string& path, int max_files,
                                  const std::atomic<bool>& cancelled);

/// There is a rotated file of this name, or of one that goes on where this ends, as those of the
/// same second do: of these the first may be gone before the last, and would sort as older.
[[nodiscard]] bool is_rotated_name_taken(const std::string& path);

}  // namespace podvisor
