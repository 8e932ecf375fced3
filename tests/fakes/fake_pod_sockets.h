// PodSockets without pods: plain sockets of this process, every pod at one address.
#pragma once

#include <sys/socket.h>

#include <cerrno>
#include <optional>
#include <string>

#include "podvisor/ports/runtime.h"

namespace podvisor {

class FakePodSockets final : public PodSockets {
 public:
  Result<Fd> open_socket(const PodUid&, int domain, int type) override {
    if (failure) return tl::unexpected<Error>(*failure);
    ++opened;
    Fd fd(::socket(domain, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd) return errno_error("socket", errno);
    return fd;
  }
  std::string address(const PodUid&) const override { return pod_address; }

  std::string pod_address = "127.0.0.1";
  std::optional<Error> failure;  ///< of the next open_socket calls
  int opened = 0;
};

}  // namespace podvisor
