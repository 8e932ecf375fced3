// What /proc/self/mountinfo says: which mounts there are, and where theirs show up (VOL-13).
#pragma once

#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <vector>

#include "podvisor/result.h"

namespace podvisor {

struct MountEntry {
  std::uint64_t id = 0;
  std::string point;    ///< where it is mounted, unescaped
  bool shared = false;  ///< what is mounted below shows in other copies, and the reverse
  bool slave = false;   ///< what is mounted below another copy shows here
};

/// Lines that are no mounts are passed over.
[[nodiscard]] std::vector<MountEntry> parse_mount_table(std::istream& text);
/// Of the calling thread's mount namespace.
[[nodiscard]] std::vector<MountEntry> mount_table();
/// The mount that an open file is on.
[[nodiscard]] Result<MountEntry> mount_of(int fd);

/// Unmounts what is mounted on or below `path`, innermost first; lazily, as it may still be open.
/// Goes on after an error; returns the first one.
Status unmount_below(const std::string& path);

}  // namespace podvisor
