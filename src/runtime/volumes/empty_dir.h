// emptyDir volumes (VOL-1, VOL-2), and the directories that other volumes are written to.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

#include "podvisor/pod.h"
#include "podvisor/result.h"

namespace podvisor {

struct EmptyDirShape {
  bool memory = false;            ///< a tmpfs
  std::int64_t size = 0;          ///< of that, in bytes
  mode_t mode = 0777;             ///< whatever the umask
  std::optional<gid_t> fs_group;  ///< VOL-12
};

/// Makes `name` in the directory `volumes`, or leaves it as it is.
[[nodiscard]] Status make_empty_dir(int volumes, const std::string& name,
                                    const EmptyDirShape& shape);
/// VOL-2: what such a tmpfs may hold. Pure.
[[nodiscard]] std::int64_t memory_volume_size(const EmptyDirVolume& volume, const PodSpec& spec,
                                              std::int64_t node_memory);
}  // namespace podvisor
