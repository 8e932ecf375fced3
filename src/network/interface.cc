#include "network/interface.h"

#include <net/if.h>

#include <algorithm>
#include <string_view>

namespace podvisor {
namespace {

// Locally administered unicast prefixes; the second byte is "X" in ASCII, as CNI's bridge uses it.
constexpr std::uint8_t kPodMac = 0x0a;
constexpr std::uint8_t kHostMac = 0x0e;
constexpr std::uint8_t kMacMark = 0x58;

MacAddress make_mac(std::uint8_t first, Ipv4Address address) {
  MacAddress mac{first, kMacMark};
  for (std::size_t i = 0; i < 4; ++i) {
    mac[2 + i] = static_cast<std::uint8_t>(address.value >> (24 - 8 * i));
  }
  return mac;
}

bool name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("_.-").find(c) != std::string_view::npos;
}

std::uint64_t fnv1a(const std::string& text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

}  // namespace

Status validate_bridge_name(const std::string& name) {
  const std::string where = "bridge name \"" + name + "\": ";
  if (name.empty() || name.size() >= IFNAMSIZ) {
    return make_error(where + "must have 1 to 15 characters, such as podvisor0");
  }
  if (!std::all_of(name.begin(), name.end(), name_character) || name == "." || name == "..") {
    return make_error(where + "may contain letters, digits, '_', '.' and '-' only");
  }
  return {};
}

std::string host_interface_name(const PodUid& pod) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string name = "pv";
  std::uint64_t hash = fnv1a(pod);
  for (int i = 0; i < 10; ++i, hash >>= 4) name += kDigits[hash & 0xf];
  return name;
}

MacAddress pod_mac(Ipv4Address address) { return make_mac(kPodMac, address); }

MacAddress host_mac(Ipv4Address address) { return make_mac(kHostMac, address); }

std::optional<Ipv4Address> address_of_host_mac(const MacAddress& mac) {
  if (mac[0] != kHostMac || mac[1] != kMacMark) return std::nullopt;
  std::uint32_t value = 0;
  for (std::size_t i = 2; i < mac.size(); ++i) value = value << 8 | mac[i];
  return Ipv4Address{value};
}

}  // namespace podvisor
