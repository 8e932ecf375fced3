#include "runtime/volumes/volumes.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <utility>

#include "runtime/volumes/empty_dir.h"
#include "runtime/volumes/files.h"
#include "runtime/volumes/host_path.h"
#include "runtime/volumes/mount_point_record.h"
#include "runtime/volumes/mount_target.h"
#include "runtime/volumes/ownership.h"
#include "runtime/volumes/projected_directory.h"
#include "runtime/volumes/remove_tree.h"

namespace podvisor {
namespace {

namespace fs = std::filesystem;

std::string volumes_directory(const Pod& pod, const Layout& layout) {
  return layout.pod_state_dir(pod.metadata.uid) + "/volumes";
}

/// STATE/pods is closed to other users: a volume is world-writable and may hold set-uid files.
Result<Fd> make_volumes_directory(const Pod& pod, const Layout& layout) {
  const std::string path = volumes_directory(pod, layout);
  if (const Status made = make_directories(path); !made) return tl::unexpected(made.error());
  const std::string pods = layout.state_dir + "/pods";
  if (::chmod(pods.c_str(), 0700) < 0) return errno_error("closing " + pods, errno);
  return open_directory_at(AT_FDCWD, path);
}

class MakeVolume {
 public:
  MakeVolume(const Pod& pod, const std::string& name, int volumes, const VolumeContent& content)
      : pod_(pod), name_(name), volumes_(volumes), content_(content) {}

  Status operator()(const EmptyDirVolume& volume) const {
    return make_empty_dir(
        volumes_, name_,
        shape(volume.memory, memory_volume_size(volume, pod_.spec, content_.node.memory_bytes)));
  }
  Status operator()(const HostPathVolume& volume) const { return make_host_path(volume); }
  Status operator()(const ProjectedVolume& volume) const {
    const auto projection = project(volume, pod_, content_.configs, content_.node);
    if (!projection) return tl::unexpected(projection.error());
    const Status made =
        make_empty_dir(volumes_, name_, shape(volume.secret, content_.node.memory_bytes));
    return made ? write(*projection) : made;
  }

  [[nodiscard]] Status refresh(const ProjectedVolume& volume) const {
    const auto projection = project(volume, pod_, content_.configs, content_.node);
    return projection ? write(*projection) : tl::unexpected(projection.error());
  }

 private:
  [[nodiscard]] EmptyDirShape shape(bool memory, std::int64_t size) const {
    const auto group = pod_.spec.fs_group;
    return {memory, size, group ? 0777 | kGroupMayWrite : 0777, group};
  }

  [[nodiscard]] Status write(const Projection& projection) const {
    const auto directory = open_directory_at(volumes_, name_);
    if (!directory) return tl::unexpected(directory.error());
    const auto written = write_projection(directory->get(), projection, pod_.spec.fs_group);
    return written ? Status{} : tl::unexpected(written.error());
  }

  const Pod& pod_;
  const std::string& name_;
  int volumes_;
  const VolumeContent& content_;
};

/// EVT-17.
tl::unexpected<Error> failed_mount(const Volume& volume, const Error& error) {
  return make_error(
      "MountVolume.SetUp failed for volume \"" + volume.name + "\" : " + error.message,
      error.error_number);
}

/// Where a volume's content is, and whether mount points made in it outlive the volume.
struct Source {
  std::string path;
  bool ours = false;
  bool read_only = false;  ///< VOL-5: whatever the mount says
};

struct FindSource {
  std::string own_path;
  Source operator()(const EmptyDirVolume&) const { return {own_path, true, false}; }
  Source operator()(const ProjectedVolume&) const { return {own_path, true, true}; }
  Source operator()(const HostPathVolume& volume) const {
    std::error_code error;  // a path that does not exist is refused when it is mounted
    const fs::path path = fs::canonical(volume.path, error);
    return {error ? volume.path : path.string(), false, false};
  }
};

Result<Source> find_source(const Pod& pod, const std::string& name, const Layout& layout) {
  for (const Volume& volume : pod.spec.volumes) {
    if (volume.name == name)
      return std::visit(FindSource{layout.volume(pod.metadata.uid, name)}, volume.source);
  }
  return make_error("there is no volume of that name");
}

Result<Fd> clone_tree(const std::string& path, bool read_only) {
  Fd tree(::open_tree(AT_FDCWD, path.c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE));
  if (!tree) return errno_error("mounting " + path, errno);
  mount_attr attributes{};
  attributes.attr_set = read_only ? MOUNT_ATTR_RDONLY : 0;
  attributes.propagation = MS_PRIVATE;  // VOL-13
  if (::mount_setattr(tree.get(), "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes,
                      sizeof(attributes)) < 0)
    return errno_error("setting up the mount of " + path, errno);
  return tree;
}

Result<bool> is_directory(int tree) {
  struct stat facts {};
  if (::fstat(tree, &facts) < 0) return errno_error("reading its type", errno);
  return S_ISDIR(facts.st_mode);
}

Result<Mount> make_mount(const Pod& pod, const VolumeMount& volume_mount, const Layout& layout,
                         MountTargets& targets) {
  const auto source = find_source(pod, volume_mount.name, layout);
  if (!source) return tl::unexpected(source.error());
  auto tree = clone_tree(source->path, source->read_only || volume_mount.read_only);
  if (!tree) return tl::unexpected(tree.error());
  const auto directory = is_directory(tree->get());
  if (!directory) return tl::unexpected(directory.error());
  auto target = targets.place(volume_mount.mount_path, *directory);
  if (!target) return tl::unexpected(target.error());
  targets.cover({*target, tree->get(), source->path, !source->ours});
  return Mount{std::move(*tree), std::move(*target)};
}

/// VOL-11: by depth, else in the manifest's order.
std::vector<VolumeMount> in_mount_order(std::vector<VolumeMount> mounts) {
  const auto depth = [](const VolumeMount& mount) {
    const fs::path path = fs::path("/" + mount.mount_path).lexically_normal();
    return std::distance(path.begin(), path.end()) - (path.has_filename() ? 0 : 1);
  };
  std::ranges::stable_sort(mounts, {}, depth);
  return mounts;
}

Status remove_volume(int volumes, const std::string& path, const std::string& name) {
  if (is_mount_point_at(volumes, name) &&
      ::umount2((path + "/" + name).c_str(), MNT_DETACH | UMOUNT_NOFOLLOW) < 0)
    return errno_error("unmounting " + path + "/" + name, errno);
  return remove_tree_at(volumes, name);
}

Status remove_contents(const std::string& path) {
  const auto volumes = open_directory_at(AT_FDCWD, path);
  if (!volumes)
    return volumes.error().error_number == ENOENT ? Status{} : tl::unexpected(volumes.error());
  Status first;
  std::error_code error;
  std::vector<fs::path> names;  // few: volumes, not their files
  for (const auto& entry : fs::directory_iterator(path, error))
    names.push_back(entry.path().filename());
  for (const fs::path& name : names) {
    const Status removed = remove_volume(volumes->get(), path, name);
    if (first && !removed) first = with_context("volume " + name.string(), removed.error());
  }
  return first;
}

}  // namespace

NodeFacts node_totals(const Layout& layout) {
  NodeFacts totals;
  totals.cpu_millis = std::int64_t{::sysconf(_SC_NPROCESSORS_ONLN)} * 1000;
  totals.memory_bytes = std::int64_t{::sysconf(_SC_PHYS_PAGES)} * ::sysconf(_SC_PAGE_SIZE);
  struct statvfs facts {};
  if (::statvfs(layout.state_dir.c_str(), &facts) == 0)
    totals.ephemeral_storage = static_cast<std::int64_t>(facts.f_blocks * facts.f_frsize);
  return totals;
}

Status make_volumes(const Pod& pod, const Layout& layout, const VolumeContent& content) {
  if (pod.spec.volumes.empty()) return {};
  const auto volumes = make_volumes_directory(pod, layout);
  if (!volumes) return tl::unexpected(volumes.error());
  for (const Volume& volume : pod.spec.volumes) {
    const Status made =
        std::visit(MakeVolume(pod, volume.name, volumes->get(), content), volume.source);
    if (!made) return failed_mount(volume, made.error());
  }
  return {};
}

Status refresh_volumes(const Pod& pod, const Layout& layout, const VolumeContent& content) {
  const auto volumes = open_directory_at(AT_FDCWD, volumes_directory(pod, layout));
  if (!volumes)
    return volumes.error().error_number == ENOENT ? Status{} : tl::unexpected(volumes.error());
  Status first;
  for (const Volume& volume : pod.spec.volumes) {
    const auto* projected = std::get_if<ProjectedVolume>(&volume.source);
    if (projected == nullptr) continue;
    const Status written =
        MakeVolume(pod, volume.name, volumes->get(), content).refresh(*projected);
    if (first && !written) first = failed_mount(volume, written.error());
  }
  return first;
}

Result<std::vector<Mount>> container_mounts(const Pod& pod, ContainerIndex container,
                                            const Layout& layout) {
  std::vector<Mount> mounts;
  const auto& wanted = pod.spec.containers.at(container).volume_mounts;
  if (wanted.empty()) return mounts;
  const auto lock = lock_mount_points(layout);
  if (!lock) return tl::unexpected(lock.error());
  auto record = MountPointRecord::load(layout, pod.metadata.uid);
  if (!record) return tl::unexpected(record.error());
  MountTargets targets(*record);
  for (const VolumeMount& volume_mount : in_mount_order(wanted)) {
    auto mount = make_mount(pod, volume_mount, layout, targets);
    if (!mount)
      return with_context(
          "volume " + volume_mount.name + " at mountPath " + volume_mount.mount_path,
          mount.error());
    mounts.push_back(std::move(*mount));
  }
  return mounts;
}

Status remove_volumes(const Pod& pod, const Layout& layout) {
  const std::string state = layout.pod_state_dir(pod.metadata.uid);
  if (::access(state.c_str(), F_OK) < 0) return {};
  const Status contents = remove_contents(volumes_directory(pod, layout));
  const Status points = remove_mount_points(layout, pod.metadata.uid);
  ::rmdir(volumes_directory(pod, layout).c_str());
  ::rmdir(state.c_str());  // others keep files there too: whoever is last removes it
  return contents ? points : contents;
}

}  // namespace podvisor
