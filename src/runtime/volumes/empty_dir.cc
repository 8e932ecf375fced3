#include "runtime/volumes/empty_dir.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <optional>

#include "podvisor/fd.h"
#include "runtime/volumes/files.h"
#include "runtime/volumes/ownership.h"

namespace podvisor {
namespace {

Status make_directory_once(int volumes, const std::string& name, const EmptyDirShape& shape) {
  struct stat facts {};
  if (::fstatat(volumes, name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) == 0) return {};
  // Under another name until all is right: a kill in between must not leave the wrong mode.
  const std::string unfinished = "." + name;
  const Status made = make_directory_at(volumes, unfinished, 0700);
  if (!made && made.error().error_number != EEXIST) return made;
  const auto directory = open_directory_at(volumes, unfinished);
  if (!directory) return tl::unexpected(directory.error());
  if (Status owned = set_ownership(directory->get(), shape.mode, shape.fs_group); !owned)
    return owned;
  if (::renameat(volumes, unfinished.c_str(), volumes, name.c_str()) < 0)
    return errno_error("naming the directory", errno);
  return {};
}

bool set_option(int context, const char* key, const std::string& value) {
  return ::fsconfig(context, FSCONFIG_SET_STRING, key, value.c_str(), 0) == 0;
}

Status mount_tmpfs(int volumes, const std::string& name, const EmptyDirShape& shape) {
  const std::string what = "mounting a tmpfs of " + std::to_string(shape.size) + " bytes";
  const Fd context(::fsopen("tmpfs", FSOPEN_CLOEXEC));
  if (!context || !set_option(context.get(), "mode", "0777") ||
      !set_option(context.get(), "size", std::to_string(shape.size)))
    return errno_error(what, errno);
  // Known since Linux 6.4; without it secrets may be swapped out, as in Kubernetes.
  ::fsconfig(context.get(), FSCONFIG_SET_FLAG, "noswap", nullptr, 0);
  if (::fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) < 0)
    return errno_error(what, errno);
  const Fd mount(::fsmount(context.get(), FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV));
  if (!mount) return errno_error(what, errno);
  const auto root = open_directory_at(mount.get(), ".");
  if (!root) return tl::unexpected(root.error());
  if (Status owned = set_ownership(root->get(), shape.mode, shape.fs_group); !owned) return owned;
  if (::move_mount(mount.get(), "", volumes, name.c_str(), MOVE_MOUNT_F_EMPTY_PATH) < 0)
    return errno_error(what, errno);
  return {};
}

/// As Kubernetes sums a pod up: init containers run one by one beside the sidecars before them.
/// Nothing unless every container has a limit.
std::optional<std::int64_t> pod_memory_limit(const PodSpec& spec) {
  std::int64_t together = 0;
  std::int64_t sidecars = 0;
  std::int64_t starting = 0;
  for (const Container& container : spec.containers) {
    const std::int64_t limit = container.resources.memory_limit.value_or(0);
    if (limit <= 0) return std::nullopt;
    if (container.role != ContainerRole::Init) together += limit;
    if (container.role == ContainerRole::Sidecar) sidecars += limit;
    if (container.role == ContainerRole::Init) starting = std::max(starting, sidecars + limit);
  }
  return std::max(together, starting);
}

}  // namespace

Status make_empty_dir(int volumes, const std::string& name, const EmptyDirShape& shape) {
  const Status made = make_directory_once(volumes, name, shape);
  if (!made || !shape.memory || is_mount_point_at(volumes, name)) return made;
  return mount_tmpfs(volumes, name, shape);
}

std::int64_t memory_volume_size(const EmptyDirVolume& volume, const PodSpec& spec,
                                std::int64_t node_memory) {
  std::int64_t size = node_memory;
  for (const auto limit : {volume.size_limit, pod_memory_limit(spec)}) {
    if (limit && *limit > 0) size = std::min(size, *limit);
  }
  return size;
}

}  // namespace podvisor
