// PodSockets without pods: plain sockets of this process, every pod at one address.
#pragma once

#include <fcntl.h>
#include <sys/socket.h>

#include <cerrno>
#include <optional>
#include <string>
#include <vector>

#include "podvisor/ports/runtime.h"

namespace podvisor {

class FakePodSockets final : public PodSockets {
 public:
  Result<Fd> open_socket(const PodUid&, int domain, int type) override {
    if (failure) return tl::unexpected<Error>(*failure);
    ++opened;
    Fd fd(::socket(domain, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd) return errno_error("socket", errno);
    if (keep) kept.emplace_back(::fcntl(fd.get(), F_DUPFD_CLOEXEC, 0));
    return fd;
  }
  std::string address(const PodUid&) const override { return pod_address; }

  std::string pod_address = "127.0.0.1";
  std::optional<Error> failure;  ///< of the next open_socket calls
  int opened = 0;
  bool keep = false;  ///< a second descriptor of each socket, to be looked at
  std::vector<Fd> kept;
};

}  // namespace podvisor
