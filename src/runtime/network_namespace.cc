#include "runtime/network_namespace.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdlib>
#include <string>

#include "log/logger.h"

namespace podvisor {

Result<Fd> open_network_namespace(pid_t pid) {
  const std::string path = "/proc/" + std::to_string(pid) + "/ns/net";
  Fd opened(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!opened) return errno_error("cannot open " + path, errno);
  return opened;
}

Result<Fd> make_socket(int domain, int type) {
  Fd made(socket(domain, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!made) return errno_error("cannot make a socket", errno);
  return made;
}

Result<Fd> make_socket_in(int network_namespace, int domain, int type) {
  static thread_local const Fd own(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
  if (!own) return make_error("cannot open this thread's network namespace");
  if (setns(network_namespace, CLONE_NEWNET) != 0)
    return errno_error("cannot enter the pod's network namespace", errno);
  Result<Fd> made = make_socket(domain, type);
  if (setns(own.get(), CLONE_NEWNET) != 0) {
    // Everything from here on would talk to the wrong network.
    log_error("cannot return to podvisor's own network namespace", {{"errno", errno}});
    std::abort();
  }
  return made;
}

}  // namespace podvisor
