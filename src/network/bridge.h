// The bridge itself: made, found usable, removed. Loop thread only.
#pragma once

#include "network/address_pool.h"
#include "network/bridge_network.h"
#include "network/netlink.h"

namespace podvisor {

class Bridge {
 public:
  Bridge(const BridgeSettings& settings, NetlinkSocket& netlink)
      : settings_(settings), netlink_(netlink) {}

  /// The index of the bridge, which this makes or, where a bridge of its name exists, takes: up,
  /// with the gateway's address, rules for masquerading in place. Addresses of ports that an
  /// earlier podvisor left behind are reserved in the pool. Nothing new is left on an error.
  [[nodiscard]] Result<int> make(AddressPool& pool);
  /// Removes the rules, and the bridge if podvisor made it; an error while it has a port.
  [[nodiscard]] Status remove();

 private:
  [[nodiscard]] Status make_link(const AddressPool& pool);
  [[nodiscard]] Result<int> set_up(AddressPool& pool);
  [[nodiscard]] Status masquerade(const AddressPool& pool);

  const BridgeSettings& settings_;
  NetlinkSocket& netlink_;
};

}  // namespace podvisor
