// hostPath volumes (VOL-4): files of the host, made where the type says so, never deleted.
#pragma once

#include "podvisor/pod.h"
#include "podvisor/result.h"

namespace podvisor {

/// Checks that the path is what its type says, and makes it for the …OrCreate types. Type "" is not
/// checked. Follows symlinks: the path is the administrator's.
[[nodiscard]] Status make_host_path(const HostPathVolume& volume);

}  // namespace podvisor
