#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <sys/mount.h>

#include <cstring>

#include "pause/launch_steps.h"

namespace podvisor::pause {
namespace {

/// Symlinks are not followed: another container may swap a component of the path meanwhile.
long move_tree(long tree, const char* path) {
  open_how how{};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = RESOLVE_NO_SYMLINKS;
  const long target = sys(SYS_openat2, AT_FDCWD, path, &how, sizeof how);
  if (target < 0) return target;
  const long moved =
      sys(SYS_move_mount, tree, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
  close_fd(static_cast<int>(target));
  return moved;
}

/// With everything below it. Mounts that come later keep their own mode.
long make_read_only(long directory, const char* path, unsigned flags) {
  mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_RDONLY;
  return sys(SYS_mount_setattr, directory, path, flags | AT_RECURSIVE, &attributes,
             sizeof attributes);
}

long make_path_read_only(const char* path) {
  const long tree =
      sys(SYS_open_tree, AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
  if (tree < 0) return tree;
  long result = make_read_only(tree, "", AT_EMPTY_PATH);
  if (result >= 0) result = move_tree(tree, path);
  close_fd(static_cast<int>(tree));
  return result;
}

/// /dev/null over a file, an empty directory over a directory.
long mask_path(const char* path) {
  const long file = sys(SYS_mount, "/dev/null", path, "", MS_BIND, 0);
  if (file != -ENOTDIR) return file;
  return sys(SYS_mount, "tmpfs", path, "tmpfs", MS_RDONLY, 0);
}

/// What this kernel does not have needs no hiding.
void for_each_path(Launch& launch, std::span<const char> paths, long (*apply)(const char*)) {
  while (!paths.empty()) {
    const long result = apply(paths.data());
    if (result != -ENOENT) require(launch, Step::MaskPath, result);
    paths = paths.subspan(std::strlen(paths.data()) + 1);
  }
}

/// Of the pid namespace that the child is in.
void mount_proc(Launch& launch) {
  constexpr unsigned long kFlags = MS_NOSUID | MS_NODEV | MS_NOEXEC;
  require(launch, Step::Proc, sys(SYS_mount, "proc", "/proc", "proc", kFlags, 0));
  for_each_path(launch, launch.spawn->masked_paths, mask_path);
  for_each_path(launch, launch.spawn->read_only_paths, make_path_read_only);
}

}  // namespace

/// Private where it is read-only: what the host mounts later would be writable. Else what the host
/// mounts and unmounts shows here too.
void make_mounts(Launch& launch) {
  const SpawnView& spawn = *launch.spawn;
  const auto mounts = spawn.mounts.span();
  if (mounts.empty() && !spawn.mount_namespace && !spawn.read_only_root && !spawn.proc) return;
  const unsigned long propagation = spawn.read_only_root ? MS_PRIVATE : MS_SLAVE;
  require(launch, Step::MountNamespace, sys(SYS_unshare, CLONE_NEWNS));
  require(launch, Step::MountNamespace, sys(SYS_mount, "", "/", "", MS_REC | propagation, 0));
  if (spawn.read_only_root) require(launch, Step::ReadOnlyRoot, make_read_only(AT_FDCWD, "/", 0));
  for (std::uint32_t i = 0; i < mounts.size(); ++i)
    require(launch, Step::Mount, move_tree(mounts[i].tree, mounts[i].target), i);
  if (spawn.proc) mount_proc(launch);
}

}  // namespace podvisor::pause
