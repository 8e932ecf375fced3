// A connection to an endpoint.
#pragma once

#include <memory>

#include "door/endpoint.h"
#include "door/socket.h"

namespace podvisor::door {

struct Upstream {
  Upstream(Reactor& reactor, Fd fd, Socket::Owner& owner, EndpointPtr to)
      : socket(reactor, std::move(fd), owner), endpoint(std::move(to)) {}

  Socket socket;
  EndpointPtr endpoint;
  bool reused = false;
  std::uint64_t sent = 0;  ///< bytes, all requests together
  TimePoint idle_since;
};
using UpstreamPtr = std::unique_ptr<Upstream>;
[[nodiscard]] inline UpstreamPtr make_upstream(Reactor& reactor, Fd fd, Socket::Owner& owner,
                                               EndpointPtr to) {
  return std::make_unique<Upstream>(reactor, std::move(fd), owner, std::move(to));
}

/// Whether the other end's kernel has taken none of what was sent after the first `sent_before`
/// bytes: then no program can have read it.
[[nodiscard]] bool took_nothing_since(const Upstream& upstream, std::uint64_t sent_before);

}  // namespace podvisor::door
