#include "door/upstream.h"

#include <linux/tcp.h>
#include <netinet/in.h>

namespace podvisor::door {

bool took_nothing_since(const Upstream& upstream, std::uint64_t sent_before) {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (getsockopt(upstream.socket.fd(), IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return false;
  if (size < offsetof(tcp_info, tcpi_bytes_acked) + sizeof info.tcpi_bytes_acked) return false;
  // The SYN counts as one.
  return info.tcpi_bytes_acked <= sent_before + 1;
}

}  // namespace podvisor::door
