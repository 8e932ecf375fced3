// Which mount points on the host a pod uses and which of them were made for it: a small file in the
// pod's state directory. Pods share mount points (two revisions of one, say), and deleting one that
// is mounted on in another namespace would pull that mount from under its container. So the last
// pod to use a mount point deletes it, whoever made it.
#pragma once

#include <set>
#include <string>

#include "podvisor/fd.h"
#include "podvisor/layout.h"
#include "podvisor/pod.h"
#include "podvisor/result.h"

namespace podvisor {

/// Held while mount points are made or deleted, against other threads and other podvisors.
[[nodiscard]] Result<Fd> lock_mount_points(const Layout& layout);

/// Under lock_mount_points().
class MountPointRecord {
 public:
  /// Reads what is recorded of the pod; nothing is, where there is no file.
  [[nodiscard]] static Result<MountPointRecord> load(const Layout& layout, const PodUid& pod);

  /// Written to disk before these return. Paths are absolute and free of symlinks.
  [[nodiscard]] Status add_used(const std::string& path);
  [[nodiscard]] Status add_made(const std::string& path);
  [[nodiscard]] const std::set<std::string>& made() const { return made_; }
  /// Uses `path` or something below it.
  [[nodiscard]] bool needs(const std::string& path) const;

 private:
  Status append(char kind, const std::string& path);

  std::string file_;
  std::set<std::string> used_;
  std::set<std::string> made_;
};

/// Deletes the mount points made for the pod that are empty and that no other pod needs, and leaves
/// the others to those. Needs no lock before.
Status remove_mount_points(const Layout& layout, const PodUid& pod);

}  // namespace podvisor
