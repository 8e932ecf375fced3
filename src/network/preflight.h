// What would keep the bridge network from working, found out without changing anything.
#pragma once

#include "network/bridge_network.h"
#include "network/ipv4.h"
#include "network/netlink.h"

namespace podvisor {

/// The error says what stands in the way and how to get round it.
[[nodiscard]] Status check_host(const BridgeSettings& settings, const Ipv4Cidr& pods,
                                NetlinkSocket& netlink);

}  // namespace podvisor
