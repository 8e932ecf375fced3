#include "runtime/security/sysctls.h"

#include <algorithm>

#include "podvisor/sysctls.h"

namespace podvisor {

std::string sysctl_path(const std::string& name) {
  const std::size_t separator = name.find_first_of("./");
  if (separator == std::string::npos || name[separator] == '/') return name;
  std::string path = name;
  for (char& c : path) c = c == '.' ? '/' : c == '/' ? '.' : c;
  return path;
}

Status check_sysctl(const Sysctl& sysctl, bool own_network, bool own_ipc) {
  const std::string name = dotted_sysctl(sysctl.name);
  if (std::ranges::find(safe_sysctls(), name) == safe_sysctls().end())
    return make_error("forbidden sysctl: \"" + sysctl.name +
                      "\" is not one that is safe to set for one pod; set it on the host");
  const bool network = name.starts_with("net.");
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
