// How much an emptyDir holds (VOL-3). What is measured is hostile: containers write to it while it
// is measured.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "podvisor/result.h"

namespace podvisor {

struct VolumeUsage {
  std::int64_t bytes = 0;  ///< on disk, as du counts: blocks, a file with several names once
  bool complete = true;    ///< false: there is more than this that could not be measured
};

struct MeasureLimits {
  std::int64_t enough = INT64_MAX;         ///< bytes beyond which it need not go on
  std::int64_t entries = 10'000'000;       ///< files and directories looked at
  std::int64_t memory = 64 * 1024 * 1024;  ///< bytes of names and inode numbers remembered
};

/// Follows no link and enters no other file system. In a fixed number of descriptors, and of memory
/// and entries what `limits` say; stops soon after `stop` becomes true. Off the loop thread.
[[nodiscard]] Result<VolumeUsage> measure_volume(const std::string& path,
                                                 const MeasureLimits& limits,
                                                 const std::atomic<bool>& stop);

}  // namespace podvisor
