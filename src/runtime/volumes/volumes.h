// A pod's volumes on the host's files, and how they get into a container: as detached mounts that
// its own mount namespace takes in (VOL). Content of a volume is hostile: containers write it.
//
// Needs CAP_SYS_ADMIN for mounts. Blocking; may be called from any thread, but not for one pod from
// two threads at once. Errors name the volume or the mount path.
#pragma once

#include <string>
#include <vector>

#include "podvisor/fd.h"
#include "podvisor/layout.h"
#include "podvisor/pod.h"
#include "podvisor/pod_state.h"
#include "podvisor/result.h"

namespace podvisor {

/// A detached, private mount, to be moved onto `target` in the container's own mount namespace
/// (whose mounts must be private or slave first, or it would show on the host):
///   openat2(target, RESOLVE_NO_SYMLINKS), move_mount(…, MOVE_MOUNT_F_EMPTY_PATH |
///   MOVE_MOUNT_T_EMPTY_PATH)
/// Refusing symlinks there matters: another container may swap a component while we look away.
struct Mount {
  Fd tree;
  std::string target;  ///< absolute, exists once the mounts before it are in place, no symlinks
};

/// VOL-1, VOL-2, VOL-4. Volumes that exist already are left as they are.
[[nodiscard]] Status make_volumes(const Pod& pod, const Layout& layout);

/// One for each volumeMount, in the order in which they must be moved (VOL-11); empty when there is
/// none. A mount path that the host does not have is created on it, as systemd does for BindPaths,
/// and remembered in the pod's state directory.
[[nodiscard]] Result<std::vector<Mount>> container_mounts(const Pod& pod, ContainerIndex container,
                                                          const Layout& layout);

/// Unmounts and deletes the pod's volumes, and the mount points made for it that are empty and that
/// no other pod of this layout uses. Takes as long as deleting the files takes: off the loop
/// thread, please. Goes on after an error; returns the first one.
Status remove_volumes(const Pod& pod, const Layout& layout);

}  // namespace podvisor
