// Directories that are nobody's business but podvisor's.
#pragma once

#include <string>

#include "podvisor/result.h"

namespace podvisor {

/// With the parents that are missing, all 0700. An existing one is left as it is.
[[nodiscard]] Status make_private_directory(const std::string& path);
/// With all that is in it; symlinks are removed, not followed. Whether nothing is left of it:
/// failures are logged, and what is left is found again at the next start.
bool remove_private_directory(const std::string& path);
/// The same of a pod's state directory. pod.json goes first: without it the rest is nobody's and is
/// removed at the next start, but a pod without its state is one that has lost it, and would live.
void remove_pod_state_directory(const std::string& path);

}  // namespace podvisor
