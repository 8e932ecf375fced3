// Whether the host has the memory for another pod like one that runs (DIF-2.5).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "podvisor/pod.h"
#include "podvisor/ports/runtime.h"

namespace podvisor {

/// MemAvailable of /proc/meminfo, in bytes; nothing where it cannot be read.
[[nodiscard]] std::optional<std::int64_t> available_memory(
    const std::string& meminfo = "/proc/meminfo");

/// What another one would take: of each container that stays its limit or, without one, what it
/// uses now. `usage` may be nullptr.
[[nodiscard]] std::int64_t memory_for_another(const Pod& pod, UsageReader* usage);

/// Why there is no room; empty: there is, or nobody knows.
[[nodiscard]] std::string no_room(std::int64_t wanted, std::optional<std::int64_t> available);

}  // namespace podvisor
