#include "runtime/volumes/ownership.h"

#include <unistd.h>

#include <cerrno>
#include <string>

namespace podvisor {

Status set_ownership(int fd, mode_t mode, std::optional<gid_t> group) {
  if (group && ::fchown(fd, static_cast<uid_t>(-1), *group) < 0)
    return errno_error("giving it to the group " + std::to_string(*group), errno);
  if (::fchmod(fd, mode) < 0) return errno_error("setting its mode", errno);
  return {};
}

}  // namespace podvisor
