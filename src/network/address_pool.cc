#include "network/address_pool.h"

#include <string>

namespace podvisor {

AddressPool::AddressPool(const Ipv4Cidr& cidr)
    : cidr_(cidr),
      first_(cidr.network.value + 2),
      last_((cidr.network.value | ~cidr.mask()) - 1),
      next_(first_) {}

std::uint32_t AddressPool::after(std::uint32_t address) const {
  return address == last_ ? first_ : address + 1;
}

Result<Ipv4Address> AddressPool::allocate() {
  if (taken_.size() >= capacity()) {
    return make_error("no free address in " + to_string(cidr_) + ": all " +
                      std::to_string(capacity()) +
                      " are taken; delete a pod, or give podvisor a larger --pod-cidr");
  }
  while (taken_.contains(next_)) next_ = after(next_);
  const Ipv4Address address{next_};
  taken_.insert(next_);
  next_ = after(next_);
  return address;
}

void AddressPool::reserve(Ipv4Address address) {
  if (address.value >= first_ && address.value <= last_) taken_.insert(address.value);
}

void AddressPool::release(Ipv4Address address) { taken_.erase(address.value); }

}  // namespace podvisor
