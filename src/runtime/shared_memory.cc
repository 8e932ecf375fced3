#include "runtime/shared_memory.h"

#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace podvisor {

std::string shared_memory_path(const std::string& runtime_directory) {
  return runtime_directory + "/shm";
}

Status make_shared_memory(const std::string& runtime_directory) {
  remove_shared_memory(runtime_directory);
  const std::string path = shared_memory_path(runtime_directory);
  if (::mkdir(path.c_str(), 0700) != 0) return errno_error("cannot make " + path, errno);
  if (::mount("shm", path.c_str(), "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC,
              "mode=1777,size=65536k") != 0)
    return errno_error("cannot mount the pod's shared memory at " + path, errno);
  return {};
}

void remove_shared_memory(const std::string& runtime_directory) {
  const std::string path = shared_memory_path(runtime_directory);
  while (::umount2(path.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW) == 0) {
  }
  ::rmdir(path.c_str());
}

}  // namespace podvisor
