#include "runtime/preflight/port_holder.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <vector>

#include "podvisor/fd.h"

namespace podvisor {
namespace {

struct Endpoint {
  sockaddr_storage address{};
  socklen_t size = 0;
};

std::optional<Endpoint> make_endpoint(const std::string& address, std::uint16_t port) {
  Endpoint endpoint;
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  if (inet_pton(AF_INET, address.c_str(), &v4.sin_addr) == 1) {
    std::memcpy(&endpoint.address, &v4, sizeof(v4));
    endpoint.size = sizeof(v4);
  } else if (inet_pton(AF_INET6, address.c_str(), &v6.sin6_addr) == 1) {
    std::memcpy(&endpoint.address, &v6, sizeof(v6));
    endpoint.size = sizeof(v6);
  } else {
    return std::nullopt;
  }
  return endpoint;
}

bool is_taken(bool udp, const Endpoint& endpoint) {
  const int family = endpoint.address.ss_family;
  const Fd probe(::socket(family, (udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0));
  if (!probe) return false;
  const int on = 1;
  // As servers do: connections in TIME_WAIT must not count.
  if (!udp) ::setsockopt(probe.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (family == AF_INET6) ::setsockopt(probe.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
  const auto* address = reinterpret_cast<const sockaddr*>(&endpoint.address);
  return ::bind(probe.get(), address, endpoint.size) < 0 && errno == EADDRINUSE;
}

/// "0100007F" or 32 such digits, in words of the host's byte order.
std::optional<std::string> readable_address(const std::string& digits) {
  std::array<std::uint32_t, 4> words{};
  const std::size_t count = digits.size() / 8;
  if (count != 1 && count != 4) return std::nullopt;
  for (std::size_t i = 0; i < count; ++i)
    words[i] =
        static_cast<std::uint32_t>(std::strtoul(digits.substr(i * 8, 8).c_str(), nullptr, 16));
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (inet_ntop(count == 1 ? AF_INET : AF_INET6, words.data(), text.data(), text.size()) == nullptr)
    return std::nullopt;
  return count == 1 ? std::string(text.data()) : "[" + std::string(text.data()) + "]";
}

std::optional<std::string> find_in_tables(bool udp, std::uint16_t port) {
  const std::string path = udp ? "/proc/net/udp" : "/proc/net/tcp";
  for (const char* family : {"", "6"}) {
    std::ifstream table(path + family);
    if (auto found = find_in_socket_table(table, udp ? "07" : "0A", port)) return found;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> find_in_socket_table(std::istream& table, const std::string& state,
                                                std::uint16_t port) {
  std::string line;
  std::getline(table, line);  // the columns' names
  while (std::getline(table, line)) {
    std::istringstream columns(line);
    std::string number, local, remote, its_state;
    columns >> number >> local >> remote >> its_state;
    const std::size_t colon = local.find(':');
    if (its_state != state || colon == std::string::npos) continue;
    if (std::strtoul(local.c_str() + colon + 1, nullptr, 16) != port) continue;
    const auto address = readable_address(local.substr(0, colon));
    if (address) return *address + ":" + std::to_string(port);
  }
  return std::nullopt;
}

std::optional<std::string> find_port_holder(const std::string& protocol, const std::string& address,
                                            std::uint16_t port) {
  if (protocol != "TCP" && protocol != "UDP") return std::nullopt;
  const bool udp = protocol == "UDP";
  const std::vector<std::string> addresses =
      address.empty() ? std::vector<std::string>{"0.0.0.0", "::"} : std::vector{address};
  for (const std::string& candidate : addresses) {
    const auto endpoint = make_endpoint(candidate, port);
    if (!endpoint || !is_taken(udp, *endpoint)) continue;
    return find_in_tables(udp, port).value_or(candidate + ":" + std::to_string(port));
  }
  return std::nullopt;
}

}  // namespace podvisor
