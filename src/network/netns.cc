#include "network/netns.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/types.h>

#include <cerrno>
#include <cstdlib>
#include <utility>

namespace podvisor {

Result<Fd> open_current_netns() {
  Fd fd(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
  if (!fd) return errno_error("cannot open /proc/thread-self/ns/net", errno);
  return fd;
}

Result<NetnsScope> NetnsScope::enter(int netns, int home) {
  if (setns(netns, CLONE_NEWNET) != 0) {
    return errno_error("cannot enter the pod's network namespace (needs CAP_SYS_ADMIN)", errno);
  }
  return NetnsScope(home);
}

NetnsScope::NetnsScope(NetnsScope&& other) noexcept : home_(std::exchange(other.home_, -1)) {}

NetnsScope::~NetnsScope() {
  // A thread lost in a pod's namespace would configure the wrong host from here on.
  if (home_ >= 0 && setns(home_, CLONE_NEWNET) != 0) std::abort();
}

}  // namespace podvisor
