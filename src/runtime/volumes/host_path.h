// hostPath volumes (VOL-4): files of the host, made where the type says so, never deleted.
#pragma once

#include "podvisor/pod.h"
#include "podvisor/result.h"

namespace podvisor {

/// Checks that the path is what its type says, and makes it for the …OrCreate types. Of type ""
/// it need only be there. Follows symlinks: the path is the administrator's.
[[nodiscard]] Status make_host_path(const HostPathVolume& volume);
/// The check alone, of what has been opened: it may have changed since the pod started.
[[nodiscard]] Status check_host_path(const HostPathVolume& volume, int opened);

}  // namespace podvisor
