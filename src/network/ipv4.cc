#include "network/ipv4.h"

#include <arpa/inet.h>

#include <array>
#include <charconv>
#include <optional>

namespace podvisor {
namespace {

constexpr int kShortestPrefix = 8;
constexpr int kLongestPrefix = 30;

std::optional<Ipv4Address> parse_address(const std::string& text) {
  in_addr address{};
  if (inet_pton(AF_INET, text.c_str(), &address) != 1) return std::nullopt;
  return Ipv4Address{ntohl(address.s_addr)};
}

std::optional<int> parse_prefix(const std::string& text) {
  int prefix = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, prefix);
  if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return prefix;
}

// 0/8, loopback, multicast and reserved addresses are never forwarded to a pod.
bool unicast(Ipv4Address address) {
  const auto first = address.value >> 24;
  return first != 0 && first != 127 && first < 224;
}

}  // namespace

std::string to_string(Ipv4Address address) {
  const in_addr raw{htonl(address.value)};
  std::array<char, INET_ADDRSTRLEN> text{};
  inet_ntop(AF_INET, &raw, text.data(), text.size());
  return text.data();
}

std::string to_string(const Ipv4Cidr& cidr) {
  return to_string(cidr.network) + "/" + std::to_string(cidr.prefix);
}

Result<Ipv4Cidr> parse_pod_cidr(const std::string& text) {
  const std::string where = "pod CIDR \"" + text + "\": ";
  const auto slash = text.find('/');
  const auto address = parse_address(text.substr(0, slash));
  const auto prefix =
      slash == std::string::npos ? std::nullopt : parse_prefix(text.substr(slash + 1));
  if (!address || !prefix) {
    return make_error(where + "must be an IPv4 subnet such as 10.88.0.0/16");
  }
  if (*prefix < kShortestPrefix || *prefix > kLongestPrefix) {
    return make_error(where + "the prefix must be from /8 to /30");
  }
  if (!unicast(*address)) {
    return make_error(where + "not a subnet that hosts can have; use one such as 10.88.0.0/16");
  }
  Ipv4Cidr cidr{*address, *prefix};
  cidr.network.value &= cidr.mask();
  if (cidr.network != *address) {
    return make_error(where + "has bits set after the prefix; did you mean " + to_string(cidr) +
                      "?");
  }
  return cidr;
}

}  // namespace podvisor
