#include "network/bridge.h"

#include <algorithm>

#include "network/forwarding.h"
#include "network/nft.h"
#include "network/preflight.h"

namespace podvisor {

Result<int> Bridge::make(AddressPool& pool) {
  // Since the settings were checked somebody may have taken the name or the subnet.
  if (auto free = check_host(settings_, pool.cidr(), netlink_); !free) {
    return tl::unexpected(std::move(free).error());
  }
  auto existing = netlink_.find_link(settings_.bridge);
  if (!existing) return tl::unexpected(std::move(existing).error());
  if (*existing) return set_up(pool);
  if (auto made = make_link(pool); !made) return tl::unexpected(std::move(made).error());
  auto index = set_up(pool);
  // Whatever the removal says, the first error is the one to tell.
  if (!index) static_cast<void>(netlink_.remove_link(settings_.bridge));
  return index;
}

Status Bridge::make_link(const AddressPool& pool) {
  auto made = netlink_.add_bridge({settings_.bridge, pod_mac(pool.gateway())});
  return made ? netlink_.set_alias(settings_.bridge, kBridgeAlias) : made;
}

Result<int> Bridge::set_up(AddressPool& pool) {
  const auto links = netlink_.links();
  if (!links) return tl::unexpected(links.error());
  const auto bridge = std::find_if(links->begin(), links->end(), [this](const LinkInfo& link) {
    return link.name == settings_.bridge;
  });
  if (bridge == links->end()) return make_error("bridge " + settings_.bridge + " is gone again");
  for (const auto& link : *links) {
    if (link.master != bridge->index || !link.mac) continue;
    if (const auto address = address_of_host_mac(*link.mac)) pool.reserve(*address);
  }
  auto done = netlink_.set_up(settings_.bridge);
  if (done) done = netlink_.add_address(bridge->index, pool.gateway(), pool.cidr().prefix);
  if (done && settings_.masquerade) done = masquerade(pool);
  if (!done) return tl::unexpected(std::move(done).error());
  return bridge->index;
}

Status Bridge::masquerade(const AddressPool& pool) {
  auto forwarding = enable_ip_forward();
  if (!forwarding) return forwarding;
  return run_nft(settings_.nft_path, masquerade_rules(settings_.bridge, pool.cidr()));
}

Status Bridge::remove() {
  const auto links = netlink_.links();
  if (!links) return tl::unexpected(links.error());
  const LinkInfo* bridge = nullptr;
  for (const auto& link : *links) {
    if (link.name == settings_.bridge) bridge = &link;
  }
  for (const auto& link : *links) {
    if (bridge == nullptr || link.master != bridge->index) continue;
    return make_error("bridge " + settings_.bridge + " stays: " + link.name +
                      " is still attached to it (pod " + link.alias + ")");
  }
  if (settings_.masquerade) {
    auto removed = run_nft(settings_.nft_path, masquerade_removal(settings_.bridge));
    if (!removed) return removed;
  }
  const bool ours = bridge != nullptr && bridge->alias == kBridgeAlias;
  return ours ? netlink_.remove_link(settings_.bridge) : Status{};
}

}  // namespace podvisor
