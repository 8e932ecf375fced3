#include "runtime/pod_files/standing_mount_point.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace podvisor {
namespace {

/// Whether `path` still leads to `file`, and that is a plain file.
bool is_at(const Fd& file, const std::string& path) {
  struct stat held {};
  struct stat found {};
  return ::fstat(file.get(), &held) == 0 && ::lstat(path.c_str(), &found) == 0 &&
         held.st_ino == found.st_ino && held.st_dev == found.st_dev && S_ISREG(found.st_mode);
}

}  // namespace

StandingMountPoint::~StandingMountPoint() {
  struct stat facts {};
  if (!file_ || !is_at(file_, path_) || ::flock(file_.get(), LOCK_EX | LOCK_NB) < 0) return;
  // One with content is somebody's, and of a mount, as in a container of a cluster, it says EBUSY.
  if (::fstat(file_.get(), &facts) == 0 && facts.st_size == 0) ::unlink(path_.c_str());
}

Status StandingMountPoint::hold() {
  if (file_ && is_at(file_, path_)) return {};
  // Another podvisor may be between its lock and its deletion: two system calls, but on a busy
  // machine it may be put aside just there.
  constexpr int kAttempts = 100;
  constexpr useconds_t kPause = 1000;
  for (int i = 1; i <= kAttempts; ++i) {
    if (i > 1) ::usleep(kPause);
    // Nobody else may lock it.
    constexpr int kFlags = O_RDONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    file_.reset(::open(path_.c_str(), kFlags, 0600));
    if (!file_) return errno_error("making the mount point " + path_, errno);
    const bool locked = ::flock(file_.get(), LOCK_SH | LOCK_NB) == 0;
    if (is_at(file_, path_) && (locked || i == kAttempts)) return {};
  }
  file_.reset();
  return make_error("making the mount point " + path_ + ": it is no plain file");
}

}  // namespace podvisor
