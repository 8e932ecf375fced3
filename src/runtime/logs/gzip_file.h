// Compresses a file, by zlib.
#pragma once

#include <atomic>
#include <string>

#include "podvisor/result.h"

namespace podvisor {

/// Writes regular file `from` of the directory, compressed, to `to` there (0640), which is made
/// anew. What is left of `to` after an error, or once `cancelled`, is the caller's to remove.
/// Blocks for as long as it takes.
[[nodiscard]] Status gzip_file(int directory, const std::string& from, const std::string& to,
                               const std::atomic<bool>& cancelled);

}  // namespace podvisor
