// Small files of the image store: read whole within a bound, written whole or not at all.
#pragma once

#include <cstddef>
#include <string>

#include "podvisor/fd.h"
#include "podvisor/result.h"

namespace podvisor {

/// The most that is read of an index, a manifest or a configuration.
inline constexpr std::size_t kMaxImageDocument = 4UL * 1024 * 1024;

[[nodiscard]] Result<std::string> read_document(const std::string& path);
/// By a rename from beside it, on the disk before it returns.
[[nodiscard]] Status write_document(const std::string& path, const std::string& text);
[[nodiscard]] Status make_store_directory(const std::string& path);
/// flock'ed with `operation`; the error's errno is EWOULDBLOCK when somebody else has it.
[[nodiscard]] Result<Fd> lock_file(const std::string& path, int operation);
/// With everything in it; links are removed, not followed.
[[nodiscard]] Status remove_all(const std::string& path);

}  // namespace podvisor
