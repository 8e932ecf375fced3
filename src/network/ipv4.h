// IPv4 addresses and prefixes as numbers. Pure.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "podvisor/result.h"

namespace podvisor {

/// In host byte order, so that addresses can be counted.
struct Ipv4Address {
  std::uint32_t value = 0;
  friend auto operator<=>(const Ipv4Address&, const Ipv4Address&) = default;
};

/// `network` has no bit set below the prefix.
struct Ipv4Cidr {
  Ipv4Address network;
  int prefix = 0;

  [[nodiscard]] std::uint32_t mask() const { return prefix == 0 ? 0 : ~0U << (32 - prefix); }
  [[nodiscard]] bool contains(Ipv4Address address) const {
    return (address.value & mask()) == network.value;
  }
  [[nodiscard]] bool overlaps(const Ipv4Cidr& other) const {
    return contains(other.network) || other.contains(network);
  }
  friend bool operator==(const Ipv4Cidr&, const Ipv4Cidr&) = default;
};

[[nodiscard]] std::string to_string(Ipv4Address address);   ///< "10.88.0.1"
[[nodiscard]] std::string to_string(const Ipv4Cidr& cidr);  ///< "10.88.0.0/16"

/// A subnet for pods: /8 to /30, unicast, no host bits. The error says what would be right.
[[nodiscard]] Result<Ipv4Cidr> parse_pod_cidr(const std::string& text);

}  // namespace podvisor
