#include "runtime/security/sysctls.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace podvisor {
namespace {

constexpr std::array<std::string_view, 12> kSafe{
    "kernel/shm_rmid_forced",           "net/ipv4/ip_local_port_range",
    "net/ipv4/ip_local_reserved_ports", "net/ipv4/ip_unprivileged_port_start",
    "net/ipv4/ping_group_range",        "net/ipv4/tcp_fin_timeout",
    "net/ipv4/tcp_keepalive_intvl",     "net/ipv4/tcp_keepalive_probes",
    "net/ipv4/tcp_keepalive_time",      "net/ipv4/tcp_rmem",
    "net/ipv4/tcp_syncookies",          "net/ipv4/tcp_wmem",
};

}  // namespace

std::string sysctl_path(const std::string& name) {
  const std::size_t separator = name.find_first_of("./");
  if (separator == std::string::npos || name[separator] == '/') return name;
  std::string path = name;
  for (char& c : path) c = c == '.' ? '/' : c == '/' ? '.' : c;
  return path;
}

Status check_sysctl(const Sysctl& sysctl, bool own_network, bool own_ipc) {
  const std::string path = sysctl_path(sysctl.name);
  if (std::ranges::find(kSafe, path) == kSafe.end())
    return make_error("forbidden sysctl: \"" + sysctl.name +
                      "\" is not one that is safe to set for one pod; set it on the host");
  const bool network = path.starts_with("net/");
  if (network && !own_network)
    return make_error("forbidden sysctl: \"" + sysctl.name +
                      "\" belongs to the network namespace, and the pod has none of its own; " +
                      "remove it, or hostNetwork");
  if (!network && !own_ipc)
    return make_error("forbidden sysctl: \"" + sysctl.name +
                      "\" belongs to the IPC namespace, and the pod has none of its own; remove " +
                      "it, or hostIPC and hostNetwork");
  return {};
}

}  // namespace podvisor
