// The host's device nodes, for privileged containers. Blocking, but short.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace podvisor {

struct OciDevice {
  std::string path;
  char type = 'c';  ///< or 'b'
  unsigned major = 0, minor = 0;
  mode_t mode = 0;  ///< permissions
  uid_t uid = 0;
  gid_t gid = 0;
};

/// Everything below `directory` but what belongs to other mounts there (pts, shm, mqueue) and what
/// every container has.
[[nodiscard]] std::vector<OciDevice> host_devices(const std::string& directory = "/dev");

}  // namespace podvisor
