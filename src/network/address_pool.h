// Which addresses of the pod subnet are taken. Pure.
#pragma once

#include <cstdint>
#include <set>

#include "network/ipv4.h"

namespace podvisor {

/// The subnet's first address is the gateway's, the others (but the broadcast address) are pods'.
/// Handed out in turn, so that an address just freed is the last to be used again: a client that
/// still talks to the old pod must not meet a new one.
class AddressPool {
 public:
  explicit AddressPool(const Ipv4Cidr& cidr);

  [[nodiscard]] Ipv4Address gateway() const { return {cidr_.network.value + 1}; }
  [[nodiscard]] const Ipv4Cidr& cidr() const { return cidr_; }
  /// How many pods fit.
  [[nodiscard]] std::size_t capacity() const { return last_ - first_ + 1; }

  [[nodiscard]] Result<Ipv4Address> allocate();
  /// Takes an address that somebody has already; one outside the pods' range is nobody's business.
  void reserve(Ipv4Address address);
  void release(Ipv4Address address);

 private:
  [[nodiscard]] std::uint32_t after(std::uint32_t address) const;

  Ipv4Cidr cidr_;
  std::uint32_t first_;
  std::uint32_t last_;
  std::uint32_t next_;
  std::set<std::uint32_t> taken_;
};

}  // namespace podvisor
