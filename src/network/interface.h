// Names and hardware addresses of the interfaces podvisor makes. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "network/ipv4.h"
#include "podvisor/pod.h"
#include "podvisor/result.h"

namespace podvisor {

using MacAddress = std::array<std::uint8_t, 6>;

/// The alias of a bridge that podvisor made, and may therefore remove.
inline constexpr const char* kBridgeAlias = "podvisor";
inline constexpr const char* kPodInterface = "eth0";

/// 1 to 15 of [A-Za-z0-9_.-], as the kernel and nft both take it.
[[nodiscard]] Status validate_bridge_name(const std::string& name);

/// The host's end of a pod's veth: "pv" and ten hex digits that follow from the uid, which itself
/// (too long for a name) becomes the interface's alias.
[[nodiscard]] std::string host_interface_name(const PodUid& pod);

/// Hardware addresses follow from IP addresses: whoever gets an address again has the same hardware
/// address too, and no neighbour cache is ever stale. The bridge has a fixed one because it would
/// otherwise change, for a moment without connection, as ports come and go.
[[nodiscard]] MacAddress pod_mac(Ipv4Address address);   ///< also the bridge's, from the gateway
[[nodiscard]] MacAddress host_mac(Ipv4Address address);  ///< of the veth's host end
/// The pod address that host_mac was made from.
[[nodiscard]] std::optional<Ipv4Address> address_of_host_mac(const MacAddress& mac);

}  // namespace podvisor
