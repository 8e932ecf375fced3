// IP addresses with a port, and finding them for a name.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "loop/loop.h"
#include "podvisor/result.h"

namespace podvisor {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

/// Nothing for a host that is not an IP address.
[[nodiscard]] std::optional<SocketAddress> numeric_address(const std::string& host,
                                                           std::uint16_t port);

/// "10.0.0.1:80", "[::1]:80".
[[nodiscard]] std::string to_string(const SocketAddress& address);

/// "connection refused": strerror's text as Go spells it, which is what people grep events for.
[[nodiscard]] std::string connect_error_text(int error_number);

/// Resolves one name on another thread, with the host's resolver and outside every pod's network
/// namespace, as the kubelet does. No deadline of its own. Loop thread only.
class HostLookup {
 public:
  /// At least one address, in the order in which to try them.
  using Done = std::function<void(Result<std::vector<SocketAddress>>)>;

  explicit HostLookup(Loop& loop) : loop_(loop) {}
  ~HostLookup() { cancel(); }
  HostLookup(const HostLookup&) = delete;
  HostLookup& operator=(const HostLookup&) = delete;

  /// `done` is called later, once, unless cancelled. One at a time.
  void start(const std::string& host, std::uint16_t port, Done done);
  void cancel();  ///< none under way: does nothing

 private:
  struct Job;

  Loop& loop_;
  std::shared_ptr<Job> job_;  ///< under way
};

}  // namespace podvisor
