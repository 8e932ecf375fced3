#include "door/dialer.h"

#include <cerrno>

namespace podvisor::door {

Result<std::optional<Fd>> HostDialer::socket_for(Endpoint& endpoint) {
  Fd socket(::socket(endpoint.address.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return errno_error("cannot make a socket to endpoint " + endpoint.id, errno);
  return std::optional<Fd>(std::move(socket));
}

Result<std::optional<Fd>> HandedOverDialer::socket_for(Endpoint& endpoint) {
  bool ask = false;
  std::optional<Fd> socket = endpoint.stash.take(ask);
  if (ask) ask_(endpoint.id);
  return socket;
}

}  // namespace podvisor::door
