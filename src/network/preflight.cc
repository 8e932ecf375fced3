#include "network/preflight.h"

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>

#include "network/nft.h"

namespace podvisor {
namespace {

// Making links needs the one, entering a pod's network namespace the other.
constexpr std::array<std::pair<int, const char*>, 2> kNeeded{
    {{CAP_NET_ADMIN, "CAP_NET_ADMIN"}, {CAP_SYS_ADMIN, "CAP_SYS_ADMIN"}}};

Status check_capabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> data{};
  if (syscall(SYS_capget, &header, data.data()) != 0) {
    return errno_error("cannot read this process's capabilities", errno);
  }
  for (const auto& [capability, name] : kNeeded) {
    if ((data[0].effective >> capability & 1) != 0) continue;
    return make_error(std::string("pods with addresses of their own need ") + name +
                          ": run podvisor as root, or use --network=none, or hostNetwork: true",
                      EPERM);
  }
  return {};
}

Status check_bridge(const BridgeSettings& settings, const std::optional<LinkInfo>& link) {
  if (!link || link->kind == "bridge") return {};
  return make_error("link " + settings.bridge + " exists and is not a bridge but " +
                    (link->kind.empty() ? "a device" : "of kind " + link->kind) +
                    "; choose another name with --bridge, or remove it");
}

std::string link_name(const std::vector<LinkInfo>& links, int index) {
  for (const auto& link : links) {
    if (link.index == index) return link.name;
  }
  return "link " + std::to_string(index);
}

Status overlap_error(const BridgeSettings& settings, const InterfaceAddress& used,
                     const std::string& name) {
  return make_error("pod CIDR " + settings.pod_cidr + " overlaps " + to_string(used.address) + "/" +
                    std::to_string(used.prefix) + " on " + name +
                    "; choose a free subnet with --pod-cidr" +
                    (name == settings.bridge ? ", or remove it: ip link delete " + name : ""));
}

// On the bridge itself only the gateway's own address is expected.
Status check_overlap(const BridgeSettings& settings, const Ipv4Cidr& pods,
                     const std::optional<LinkInfo>& bridge, NetlinkSocket& netlink) {
  auto used = netlink.addresses();
  if (!used) return tl::unexpected(std::move(used).error());
  const InterfaceAddress gateway{bridge ? bridge->index : 0, {pods.network.value + 1}, pods.prefix};
  for (const auto& address : *used) {
    Ipv4Cidr subnet{address.address, address.prefix};
    subnet.network.value &= subnet.mask();
    if (address == gateway || !subnet.overlaps(pods)) continue;
    auto links = netlink.links();
    if (!links) return tl::unexpected(std::move(links).error());
    return overlap_error(settings, address, link_name(*links, address.link));
  }
  return {};
}

}  // namespace

Status check_host(const BridgeSettings& settings, const Ipv4Cidr& pods, NetlinkSocket& netlink) {
  if (auto able = check_capabilities(); !able) return able;
  auto bridge = netlink.find_link(settings.bridge);
  if (!bridge) return tl::unexpected(std::move(bridge).error());
  if (auto usable = check_bridge(settings, *bridge); !usable) return usable;
  if (auto free = check_overlap(settings, pods, *bridge, netlink); !free) return free;
  if (settings.masquerade) return find_nft(settings.nft_path);
  return {};
}

}  // namespace podvisor
