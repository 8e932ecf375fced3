// A route netlink socket and the few requests podvisor makes, over libnl. Requests are synchronous
// and take microseconds, except removals, which wait for the kernel's grace periods.
#pragma once

#include <netlink/socket.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "network/interface.h"
#include "network/ipv4.h"
#include "podvisor/result.h"

namespace podvisor {

struct LinkInfo {
  int index = 0;
  std::string name;
  std::string kind;  ///< "bridge", "veth", …; empty for hardware
  std::string alias;
  int master = 0;   ///< index of the bridge that it is a port of; 0: none
  bool up = false;  ///< operational, not only set up
  std::optional<MacAddress> mac;
};

struct BridgeSpec {
  std::string name;
  MacAddress mac{};
};

struct VethSpec {
  std::string name;
  MacAddress mac{};
  std::string alias;
  int master = 0;  ///< index of the bridge that it becomes a port of; 0: none
  std::string peer_name;
  MacAddress peer_mac{};
  int peer_netns = -1;  ///< borrowed; the peer is made in that namespace
};

struct InterfaceAddress {
  int link = 0;
  Ipv4Address address;
  int prefix = 0;
  friend bool operator==(const InterfaceAddress&, const InterfaceAddress&) = default;
};

/// Belongs to the network namespace that its maker's thread was in, whoever uses it; one thread at
/// a time. Errors carry errno where the kernel's can be told.
class NetlinkSocket {
 public:
  static Result<NetlinkSocket> open();

  /// Nothing where there is no link of that name.
  [[nodiscard]] Result<std::optional<LinkInfo>> find_link(const std::string& name);
  [[nodiscard]] Result<std::vector<LinkInfo>> links();
  [[nodiscard]] Result<std::vector<InterfaceAddress>> addresses();

  /// Makes the bridge, up, without an address.
  [[nodiscard]] Status add_bridge(const BridgeSpec& spec);
  /// Makes both ends; the near one is up, the peer can't be yet.
  [[nodiscard]] Status add_veth(const VethSpec& spec);
  [[nodiscard]] Status set_alias(const std::string& name, const std::string& alias);
  [[nodiscard]] Status set_up(const std::string& name);
  /// Until the link passes packets, but at most some 20 ms: one that is only set up drops them
  /// until the kernel's link watch has run, and the SYN or ARP request that is lost so costs its
  /// sender a second.
  void await_up(const std::string& name);
  /// No error where it exists already.
  [[nodiscard]] Status add_address(int link, Ipv4Address address, int prefix);
  [[nodiscard]] Status add_default_route(int link, Ipv4Address gateway);
  /// No error where there is no such link.
  [[nodiscard]] Status remove_link(const std::string& name);

 private:
  struct Free {
    void operator()(nl_sock* socket) const { nl_socket_free(socket); }
  };
  using Socket = std::unique_ptr<nl_sock, Free>;
  explicit NetlinkSocket(Socket socket) : socket_(std::move(socket)) {}

  tl::unexpected<Error> error(const std::string& what, int code);
  Status check(const std::string& what, int code);
  bool no_such_link(int code);

  std::unique_ptr<int> errno_ = std::make_unique<int>(0);  ///< of the latest refused request
  Socket socket_;
};

}  // namespace podvisor
