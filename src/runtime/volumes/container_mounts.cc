#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <filesystem>
#include <utility>

#include "runtime/volumes/files.h"
#include "runtime/volumes/host_path.h"
#include "runtime/volumes/mount_point_record.h"
#include "runtime/volumes/mount_table.h"
#include "runtime/volumes/mount_target.h"
#include "runtime/volumes/sub_path.h"
#include "runtime/volumes/volumes.h"

namespace podvisor {
namespace {

namespace fs = std::filesystem;

/// A volume's root, opened.
struct Source {
  Fd root;             ///< O_PATH
  bool ours = false;   ///< mount points made in it go with it
  bool files = false;  ///< that podvisor writes: read-only whatever the mount says (VOL-5)
};

Result<Fd> open_path(const std::string& path) {
  Fd opened(::open(path.c_str(), O_PATH | O_CLOEXEC));
  if (!opened) return errno_error("mounting " + path, errno);
  return opened;
}

struct OpenSource {
  std::string own_path;

  Result<Source> operator()(const EmptyDirVolume&) const { return own(false); }
  Result<Source> operator()(const ProjectedVolume&) const { return own(true); }
  Result<Source> operator()(const HostPathVolume& volume) const {
    auto root = open_path(volume.path);
    if (!root) return tl::unexpected(root.error());
    if (const Status checked = check_host_path(volume, root->get()); !checked)
      return tl::unexpected(checked.error());
    return Source{std::move(*root), false, false};
  }

 private:
  [[nodiscard]] Result<Source> own(bool files) const {
    auto root = open_path(own_path);
    if (!root) return tl::unexpected(root.error());
    return Source{std::move(*root), true, files};
  }
};

Result<Source> open_source(const Pod& pod, const std::string& name, const Layout& layout) {
  for (const Volume& volume : pod.spec.volumes) {
    if (volume.name == name)
      return std::visit(OpenSource{layout.volume(pod.metadata.uid, name)}, volume.source);
  }
  return make_error("there is no volume of that name");
}

/// Where an open file is in podvisor's own files, for the record and for messages.
std::string path_of(const Fd& fd) {
  std::array<char, PATH_MAX> path{};
  const std::string link = "/proc/self/fd/" + std::to_string(fd.get());
  const ssize_t size = ::readlink(link.c_str(), path.data(), path.size());
  return size < 0 ? "" : std::string(path.data(), static_cast<std::size_t>(size));
}

// ---- One mount --------------------------------------------------------------------------------

/// VOL-13. Refused where nothing could ever be propagated, as container runtimes do.
Result<std::uint64_t> propagation(const VolumeMount& mount, const Fd& shown) {
  if (mount.mount_propagation == MountPropagation::None) return MS_PRIVATE;
  const auto on = mount_of(shown.get());
  if (!on) return tl::unexpected(on.error());
  const std::string where = path_of(shown) + " is on the mount " + on->point;
  const std::string way_out = "; to share it: mount --make-rshared " + on->point;
  if (mount.mount_propagation == MountPropagation::Bidirectional) {
    if (on->shared) return MS_SHARED;
    return make_error("mountPropagation Bidirectional needs a shared mount, but " + where +
                      ", which is not shared" + way_out);
  }
  if (on->shared || on->slave) return MS_SLAVE;
  return make_error("mountPropagation HostToContainer needs a shared or slave mount, but " + where +
                    ", which is private" + way_out);
}

Status set_attributes(int tree, const mount_attr& attributes, bool recursive) {
  mount_attr copy = attributes;
  const unsigned flags = AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0);
  if (::mount_setattr(tree, "", flags, &copy, sizeof(copy)) < 0)
    return errno_error("setting up the mount", errno);
  return {};
}

/// A detached copy of what is mounted at `shown` and below, with the mount's own attributes.
Result<Fd> clone_tree(const Fd& shown, const VolumeMount& mount, bool read_only) {
  const auto wanted = propagation(mount, shown);
  if (!wanted) return tl::unexpected(wanted.error());
  Fd tree(::open_tree(shown.get(), "",
                      OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE | AT_EMPTY_PATH));
  if (!tree) return errno_error("mounting " + path_of(shown), errno);
  mount_attr attributes{};
  attributes.propagation = *wanted;
  if (const Status set = set_attributes(tree.get(), attributes, true); !set)
    return tl::unexpected(set.error());
  if (!read_only) return tree;
  attributes = {};
  attributes.attr_set = MOUNT_ATTR_RDONLY;
  // As in Kubernetes, what is mounted below is read-only only if that is asked for.
  if (const Status set = set_attributes(tree.get(), attributes, mount.recursive_read_only); !set)
    return tl::unexpected(set.error());
  return tree;
}

Result<bool> is_directory(const Fd& fd) {
  struct stat facts {};
  if (::fstat(fd.get(), &facts) < 0) return errno_error("reading its type", errno);
  return S_ISDIR(facts.st_mode);
}

/// Makes the mounts of one container, one after the other.
class Mounting {
 public:
  Mounting(const Pod& pod, const Layout& layout, MountPointRecord& record)
      : pod_(pod), layout_(layout), targets_(record) {}

  Result<Mount> make(const VolumeMount& mount) {
    auto source = open_source(pod_, mount.name, layout_);
    if (!source) return tl::unexpected(source.error());
    auto shown = show(*source, mount);
    if (!shown) return tl::unexpected(shown.error());
    auto tree = clone_tree(*shown, mount, source->files || mount.read_only);
    if (!tree) return tl::unexpected(tree.error());
    const auto directory = is_directory(*shown);
    if (!directory) return tl::unexpected(directory.error());
    auto target = targets_.place(mount.mount_path, *directory);
    if (!target) return tl::unexpected(target.error());
    // Into files of podvisor's own, mount points are made from outside: the mount is read-only.
    const int inside = source->files ? shown->get() : tree->get();
    targets_.cover({*target, inside, path_of(*shown), !source->ours});
    shown_.push_back(std::move(*shown));
    return Mount{std::move(*tree), std::move(*target)};
  }

 private:
  static Result<Fd> show(Source& source, const VolumeMount& mount) {
    if (mount.sub_path.empty()) return std::move(source.root);
    auto part = open_sub_path(source.root.get(), mount.sub_path);
    if (!part)
      return with_context("failed to prepare subPath `" + mount.sub_path + "`", part.error());
    return part;
  }

  const Pod& pod_;
  const Layout& layout_;
  MountTargets targets_;
  std::vector<Fd> shown_;  ///< covers borrow them
};

/// VOL-11: by depth, else in the manifest's order.
std::vector<VolumeMount> in_mount_order(std::vector<VolumeMount> mounts) {
  const auto depth = [](const VolumeMount& mount) {
    const fs::path path = fs::path("/" + mount.mount_path).lexically_normal();
    return std::distance(path.begin(), path.end()) - (path.has_filename() ? 0 : 1);
  };
  std::ranges::stable_sort(mounts, {}, depth);
  return mounts;
}

}  // namespace

Result<std::vector<Mount>> container_mounts(const Pod& pod, std::vector<VolumeMount> wanted,
                                            const Layout& layout) {
  std::vector<Mount> mounts;
  if (wanted.empty()) return mounts;
  const auto lock = lock_mount_points(layout);
  if (!lock) return tl::unexpected(lock.error());
  auto record = MountPointRecord::load(layout, pod.metadata.uid);
  if (!record) return tl::unexpected(record.error());
  Mounting mounting(pod, layout, *record);
  for (const VolumeMount& volume_mount : in_mount_order(std::move(wanted))) {
    auto mount = mounting.make(volume_mount);
    if (!mount)
      return with_context(
          "volume " + volume_mount.name + " at mountPath " + volume_mount.mount_path,
          mount.error());
    mounts.push_back(std::move(*mount));
  }
  return mounts;
}

}  // namespace podvisor
