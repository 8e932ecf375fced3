// emptyDir volumes (VOL-1, VOL-2).
#pragma once

#include <cstdint>
#include <string>

#include "podvisor/pod.h"
#include "podvisor/result.h"

namespace podvisor {

/// Makes `name` in the directory `volumes`, or leaves it as it is. `size` is that of the tmpfs of a
/// volume of medium Memory, in bytes.
[[nodiscard]] Status make_empty_dir(int volumes, const std::string& name,
                                    const EmptyDirVolume& volume, std::int64_t size);
/// VOL-2: what such a tmpfs may hold. Pure.
[[nodiscard]] std::int64_t memory_volume_size(const EmptyDirVolume& volume, const PodSpec& spec,
                                              std::int64_t node_memory);
/// Physical memory in bytes.
[[nodiscard]] std::int64_t node_memory();

}  // namespace podvisor
