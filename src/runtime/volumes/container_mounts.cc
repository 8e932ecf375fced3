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

/// The part of a volume that a mount shows.
Result<Fd> show(Source& source, const VolumeMount& mount) {
  if (mount.sub_path.empty()) return std::move(source.root);
  auto part = open_sub_path(source.root.get(), mount.sub_path);
  if (!part)
    return with_context("failed to prepare subPath `" + mount.sub_path + "`", part.error());
  return part;
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

  Result<Mount> make(const FileMount& file) {
    auto source = open_path(file.source);
    if (!source) return tl::unexpected(source.error());
    auto tree = clone_tree(*source, VolumeMount{}, false);
    if (!tree) return tl::unexpected(tree.error());
    auto target = targets_.place(file.mount_path, false, file.point_stands);
    if (!target) return tl::unexpected(target.error());
    return Mount{std::move(*tree), std::move(*target)};
  }

 private:
  const Pod& pod_;
  const Layout& layout_;
  MountTargets targets_;
  std::vector<Fd> shown_;  ///< covers borrow them
};

/// One of the two.
struct Wanted {
  fs::path path;  ///< normal, without a slash at its end
  const VolumeMount* volume = nullptr;
  const FileMount* file = nullptr;
};

fs::path normal(const std::string& mount_path) {
  const fs::path path = fs::path("/" + mount_path).lexically_normal();
  return path.has_filename() ? path : path.parent_path();
}

std::string name_of(const Wanted& one) {
  if (one.file != nullptr) return "podvisor's own file at " + one.file->mount_path;
  return "volume " + one.volume->name + " at mountPath " + one.volume->mount_path;
}

/// VOL-11: by depth, else in the manifest's order and files last. A volume at a file's own path
/// takes its place (NET-5, MSG-7).
std::vector<Wanted> in_mount_order(const std::vector<VolumeMount>& volumes,
                                   const std::vector<FileMount>& files) {
  std::vector<Wanted> wanted;
  for (const VolumeMount& volume : volumes) wanted.push_back({normal(volume.mount_path), &volume});
  for (const FileMount& file : files) {
    const Wanted one{normal(file.mount_path), nullptr, &file};
    if (std::ranges::find(wanted, one.path, &Wanted::path) == wanted.end()) wanted.push_back(one);
  }
  const auto depth = [](const Wanted& one) {
    return std::distance(one.path.begin(), one.path.end());
  };
  std::ranges::stable_sort(wanted, {}, depth);
  return wanted;
}

Result<Mount> detached_mount(const Pod& pod, const Layout& layout, const Wanted& one) {
  auto source = one.file != nullptr ? OpenSource{one.file->source}.own(false)
                                    : open_source(pod, one.volume->name, layout);
  if (!source) return tl::unexpected(source.error());
  const VolumeMount mount = one.volume != nullptr ? *one.volume : VolumeMount{};
  auto shown = show(*source, mount);
  if (!shown) return tl::unexpected(shown.error());
  auto tree = clone_tree(*shown, mount, source->files || mount.read_only);
  if (!tree) return tl::unexpected(tree.error());
  return Mount{std::move(*tree), one.path};
}

}  // namespace

Result<std::vector<Mount>> detached_mounts(const Pod& pod, const std::vector<VolumeMount>& wanted,
                                           const Layout& layout,
                                           const std::vector<FileMount>& files) {
  std::vector<Mount> mounts;
  for (const Wanted& one : in_mount_order(wanted, files)) {
    auto mount = detached_mount(pod, layout, one);
    if (!mount) return with_context(name_of(one), mount.error());
    mounts.push_back(std::move(*mount));
  }
  return mounts;
}

Result<std::vector<Mount>> container_mounts(const Pod& pod, const std::vector<VolumeMount>& wanted,
                                            const Layout& layout,
                                            const std::vector<FileMount>& files) {
  std::vector<Mount> mounts;
  const std::vector<Wanted> in_order = in_mount_order(wanted, files);
  if (in_order.empty()) return mounts;
  const auto lock = lock_mount_points(layout);
  if (!lock) return tl::unexpected(lock.error());
  auto record = MountPointRecord::load(layout, pod.metadata.uid);
  if (!record) return tl::unexpected(record.error());
  Mounting mounting(pod, layout, *record);
  for (const Wanted& one : in_order) {
    auto mount = one.volume != nullptr ? mounting.make(*one.volume) : mounting.make(*one.file);
    if (!mount) return with_context(name_of(one), mount.error());
    mounts.push_back(std::move(*mount));
  }
  return mounts;
}

}  // namespace podvisor
