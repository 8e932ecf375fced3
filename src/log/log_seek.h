// Where in a CRI log file to begin reading. Offsets are those of an entry's first byte, or the
// file's size. Memory is bounded; the file may grow meanwhile.
#pragma once

#include <cstdint>

#include "podvisor/result.h"
#include "podvisor/time.h"

namespace podvisor {

/// The start of the last `lines` lines, an unfinished one counted. Where the streams' entries are
/// interleaved, the oldest line may be missing its first pieces.
[[nodiscard]] Result<std::int64_t> tail_offset(int fd, std::int64_t lines);
/// A place after which every entry of `since` or later lies, near the first. By bisection: the
/// file's times must not go backwards.
[[nodiscard]] Result<std::int64_t> since_offset(int fd, WallTime since);

}  // namespace podvisor
