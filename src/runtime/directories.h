// Directories that are nobody's business but podvisor's.
#pragma once

#include <string>

#include "podvisor/result.h"

namespace podvisor {

/// With the parents that are missing, all 0700. An existing one is left as it is.
[[nodiscard]] Status make_private_directory(const std::string& path);
/// With all that is in it; symlinks are removed, not followed. Failures are logged: what is left
/// is found again at the next start.
void remove_private_directory(const std::string& path);

}  // namespace podvisor
