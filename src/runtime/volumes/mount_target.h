// Where in the file system that a container will see its volume mounts go, and the mount points
// that must be made for that: on the host, or inside a volume mounted before.
#pragma once

#include <string>
#include <vector>

#include "podvisor/fd.h"
#include "podvisor/result.h"
#include "runtime/volumes/mount_point_record.h"

namespace podvisor {

/// What is seen at `target` and below it.
struct Cover {
  std::string target;
  int tree = -1;              ///< borrowed
  std::string source;         ///< where that is on the host
  bool outlives_pod = false;  ///< so mount points made in it are recorded
};

class MountTargets {
 public:
  /// `record` must outlive it, under lock_mount_points().
  explicit MountTargets(MountPointRecord& record) : record_(record) {}

  /// Makes `mount_path` ready to be mounted on by a directory or a file, and returns what it is
  /// called without symlinks. The host's symlinks are followed; inside a volume a container may
  /// have put any, so there they are refused. `stands`: on the host the mount point is somebody
  /// else's to delete, and is not recorded.
  [[nodiscard]] Result<std::string> place(const std::string& mount_path, bool directory,
                                          bool stands = false);
  /// Places after this one may lie inside it.
  void cover(Cover cover);

 private:
  [[nodiscard]] const Cover* covering(const std::string& path) const;
  Status make_point_on_host(const std::string& path, bool directory, bool stands);
  Status make_point(const Cover& cover, const std::string& path, bool directory);
  Result<Fd> make_step(const Cover& cover, int parent, const std::string& name,
                       const std::string& source, bool directory);

  MountPointRecord& record_;
  std::vector<Cover> covers_;
};

}  // namespace podvisor
