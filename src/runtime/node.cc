#include "runtime/node.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <memory>

namespace podvisor {
namespace {

struct FreeAddresses {
  void operator()(ifaddrs* list) const { freeifaddrs(list); }
};

/// Empty: none that others could reach the host by.
std::string address_text(const ifaddrs& entry, int family) {
  const bool usable = (entry.ifa_flags & IFF_UP) != 0 && (entry.ifa_flags & IFF_LOOPBACK) == 0;
  if (!usable || entry.ifa_addr == nullptr || entry.ifa_addr->sa_family != family) return {};
  const void* address = &reinterpret_cast<const sockaddr_in*>(entry.ifa_addr)->sin_addr;
  if (family == AF_INET6) {
    const in6_addr& six = reinterpret_cast<const sockaddr_in6*>(entry.ifa_addr)->sin6_addr;
    if (IN6_IS_ADDR_LINKLOCAL(&six)) return {};
    address = &six;
  }
  std::array<char, INET6_ADDRSTRLEN> text{};
  return inet_ntop(family, address, text.data(), text.size()) != nullptr ? text.data() : "";
}

std::vector<std::string> host_addresses() {
  ifaddrs* raw = nullptr;
  if (getifaddrs(&raw) != 0) return {};
  const std::unique_ptr<ifaddrs, FreeAddresses> list(raw);
  std::vector<std::string> addresses;
  for (const int family : {AF_INET, AF_INET6}) {
    std::string found;
    for (const ifaddrs* entry = raw; entry != nullptr && found.empty(); entry = entry->ifa_next)
      found = address_text(*entry, family);
    if (!found.empty()) addresses.push_back(std::move(found));
  }
  return addresses;
}

std::int64_t file_system_size(std::filesystem::path path) {
  struct statvfs facts {};
  while (statvfs(path.c_str(), &facts) != 0 && path.has_relative_path()) path = path.parent_path();
  return static_cast<std::int64_t>(facts.f_blocks * facts.f_frsize);
}

}  // namespace

NodeFacts this_node(const std::string& state_dir) {
  NodeFacts node;
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) == 0) node.name = name.data();
  node.cpu_millis = std::int64_t{sysconf(_SC_NPROCESSORS_ONLN)} * 1000;
  node.memory_bytes = std::int64_t{sysconf(_SC_PHYS_PAGES)} * std::int64_t{sysconf(_SC_PAGE_SIZE)};
  node.ephemeral_storage = file_system_size(state_dir);
  node.addresses = host_addresses;
  return node;
}

}  // namespace podvisor
