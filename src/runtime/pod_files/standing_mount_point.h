// A mount point on the host that every container needs, /dev/termination-log, made once and kept
// while this podvisor lives. Deleting a file that is mounted on in another mount namespace pulls
// the mount from under whoever is there, so the last podvisor on the host to let go deletes it,
// which a shared lock on the file tells.
#pragma once

#include <string>

#include "podvisor/fd.h"
#include "podvisor/result.h"

namespace podvisor {

class StandingMountPoint {
 public:
  explicit StandingMountPoint(std::string path) : path_(std::move(path)) {}
  ~StandingMountPoint();
  StandingMountPoint(const StandingMountPoint&) = delete;
  StandingMountPoint& operator=(const StandingMountPoint&) = delete;

  /// An empty file at the path, made if there is none. Cheap after the first time.
  [[nodiscard]] Status hold();
  /// Leaves it where it is when this object ends: containers that use it live on.
  void leave() { file_.reset(); }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
  Fd file_;
};

}  // namespace podvisor
