#include "runtime/volumes/empty_dir.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <optional>

#include "podvisor/fd.h"
#include "runtime/volumes/files.h"

namespace podvisor {
namespace {

Status make_directory_once(int volumes, const std::string& name) {
  struct stat facts {};
  if (::fstatat(volumes, name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) == 0) return {};
  // Under another name until its mode is right: a kill in between must not leave the wrong one.
  const std::string unfinished = "." + name;
  const Status made = make_directory_at(volumes, unfinished, 0777);
  if (!made && made.error().error_number != EEXIST) return made;
  if (!made && ::fchmodat(volumes, unfinished.c_str(), 0777, 0) < 0)
    return errno_error("setting the directory's mode", errno);
  if (::renameat(volumes, unfinished.c_str(), volumes, name.c_str()) < 0)
    return errno_error("naming the directory", errno);
  return {};
}

bool set_option(int context, const char* key, const std::string& value) {
  return ::fsconfig(context, FSCONFIG_SET_STRING, key, value.c_str(), 0) == 0;
}

Status mount_tmpfs(int volumes, const std::string& name, std::int64_t size) {
  const std::string what = "mounting a tmpfs of " + std::to_string(size) + " bytes";
  const Fd context(::fsopen("tmpfs", FSOPEN_CLOEXEC));
  if (!context || !set_option(context.get(), "mode", "0777") ||
      !set_option(context.get(), "size", std::to_string(size)))
    return errno_error(what, errno);
  // Known since Linux 6.4; without it secrets may be swapped out, as in Kubernetes.
  ::fsconfig(context.get(), FSCONFIG_SET_FLAG, "noswap", nullptr, 0);
  if (::fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) < 0)
    return errno_error(what, errno);
  const Fd mount(::fsmount(context.get(), FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV));
  if (!mount || ::move_mount(mount.get(), "", volumes, name.c_str(), MOVE_MOUNT_F_EMPTY_PATH) < 0)
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

Status make_empty_dir(int volumes, const std::string& name, const EmptyDirVolume& volume,
                      std::int64_t size) {
  const Status made = make_directory_once(volumes, name);
  if (!made || !volume.memory || is_mount_point_at(volumes, name)) return made;
  return mount_tmpfs(volumes, name, size);
}

std::int64_t memory_volume_size(const EmptyDirVolume& volume, const PodSpec& spec,
                                std::int64_t node_memory) {
  std::int64_t size = node_memory;
  for (const auto limit : {volume.size_limit, pod_memory_limit(spec)}) {
    if (limit && *limit > 0) size = std::min(size, *limit);
  }
  return size;
}

std::int64_t node_memory() {
  struct sysinfo facts {};
  ::sysinfo(&facts);
  return static_cast<std::int64_t>(facts.totalram) * facts.mem_unit;
}

}  // namespace podvisor
