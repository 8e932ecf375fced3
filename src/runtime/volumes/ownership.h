// What fsGroup does to a volume (VOL-12). It is done when the volume is made and its files are
// written, so there is nothing in it to walk: fsGroupChangePolicy makes no difference, as it makes
// none in Kubernetes for the kinds of volumes that fsGroup touches here.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <optional>

#include "podvisor/result.h"

namespace podvisor {

inline constexpr mode_t kGroupMayRead = 0440;             ///< a read-only volume's files
inline constexpr mode_t kGroupMayEnter = S_ISGID | 0550;  ///< … and its directories
inline constexpr mode_t kGroupMayWrite = S_ISGID | 0770;  ///< directories of an emptyDir

/// Gives what is open at `fd` to the group, if there is one, and then that mode.
[[nodiscard]] Status set_ownership(int fd, mode_t mode, std::optional<gid_t> group);

}  // namespace podvisor
