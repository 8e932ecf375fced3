// A pod's volumes on the host's files, and how they get into a container: as detached mounts that
// its own mount namespace takes in (VOL). Content of a volume is hostile: containers write it.
//
// Needs CAP_SYS_ADMIN for mounts. Blocking; may be called from any thread, but not for one pod from
// two threads at once. Errors name the volume or the mount path.
#pragma once

#include <string>
#include <vector>

#include "podvisor/downward_api.h"
#include "podvisor/fd.h"
#include "podvisor/layout.h"
#include "podvisor/pod.h"
#include "podvisor/pod_state.h"
#include "podvisor/ports/config_source.h"
#include "podvisor/result.h"

namespace podvisor {

/// A detached mount, private unless it was asked to propagate (VOL-13), to be moved onto `target`
/// in the container's own mount namespace (whose mounts must be private or slave first, or it would
/// show on the host):
///   openat2(target, RESOLVE_NO_SYMLINKS), move_mount(…, MOVE_MOUNT_F_EMPTY_PATH |
///   MOVE_MOUNT_T_EMPTY_PATH)
/// Refusing symlinks there matters: another container may swap a component while we look away.
struct Mount {
  Fd tree;
  std::string target;  ///< absolute, exists once the mounts before it are in place, no symlinks
};

/// EVT-17: the reason of the event when a volume cannot be made or brought up to date.
inline constexpr const char* kFailedMount = "FailedMount";

/// What volumes are filled from.
struct VolumeContent {
  const ConfigSource& configs;
  const NodeFacts& node;
};

/// VOL-1 … VOL-8, VOL-12. Volumes that exist already keep what containers wrote; those that
/// podvisor writes are brought up to date. The error is that of the FailedMount event (EVT-17). On
/// the thread that `content.configs` belongs to.
[[nodiscard]] Status make_volumes(const Pod& pod, const Layout& layout,
                                  const VolumeContent& content);

/// Writes ConfigMap, Secret and downward API files anew where they have changed. A volume that
/// cannot be, for want of a ConfigMap that was deleted, say, keeps what it holds; goes on with the
/// others and returns the first error. Nothing happens before make_volumes().
Status refresh_volumes(const Pod& pod, const Layout& layout, const VolumeContent& content);

/// A file of podvisor's own that a container shall find at a path, such as /etc/hosts.
struct FileMount {
  std::string source;
  std::string mount_path;
  /// The mount point is there, and somebody else sees to its end.
  bool point_stands = false;
};

/// One for each of `wanted`, whose subPathExpr has been expanded (with_sub_paths()), and for each
/// of `files` whose path is not one of theirs, in the order in which they must be moved (VOL-11).
/// VOL-10, VOL-13. A mount path that the host does not have is created on it, as systemd does for
/// BindPaths, and remembered in the pod's state directory.
[[nodiscard]] Result<std::vector<Mount>> container_mounts(const Pod& pod,
                                                          const std::vector<VolumeMount>& wanted,
                                                          const Layout& layout,
                                                          const std::vector<FileMount>& files = {});

/// The same for a container with a root of its own: nothing is made on the host, and targets are
/// the container's paths, whatever is there.
[[nodiscard]] Result<std::vector<Mount>> detached_mounts(const Pod& pod,
                                                         const std::vector<VolumeMount>& wanted,
                                                         const Layout& layout,
                                                         const std::vector<FileMount>& files);

/// Unmounts and deletes the pod's volumes, and the mount points made for it that are empty and that
/// no other pod of this layout uses. Takes as long as deleting the files takes: off the loop
/// thread, please. Goes on after an error; returns the first one.
Status remove_volumes(const Pod& pod, const Layout& layout);

}  // namespace podvisor
