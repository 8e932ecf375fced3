#include "runtime/volumes/volumes.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "runtime/volumes/empty_dir.h"
#include "runtime/volumes/files.h"
#include "runtime/volumes/host_path.h"
#include "runtime/volumes/mount_point_record.h"
#include "runtime/volumes/mount_table.h"
#include "runtime/volumes/ownership.h"
#include "runtime/volumes/projected_directory.h"
#include "runtime/volumes/remove_tree.h"

namespace podvisor {
namespace {

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

Status remove_contents(const std::string& path) {
  const auto volumes = open_directory_at(AT_FDCWD, path);
  if (!volumes)
    return volumes.error().error_number == ENOENT ? Status{} : tl::unexpected(volumes.error());
  // Memory volumes, and what a container mounted in a volume for all to see (VOL-13).
  Status first = unmount_below(path);
  for (const std::string& name : names_in(volumes->get())) {
    const Status removed = remove_tree_at(volumes->get(), name);
    if (first && !removed) first = with_context("volume " + name, removed.error());
  }
  return first;
}

}  // namespace

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
