// Kernel parameters that a pod may set for itself (spec.securityContext.sysctls). Pure; any thread.
#pragma once

#include <string>
#include <vector>

namespace podvisor {

/// What Kubernetes allows without being asked, with dots: each is a namespace's own, and hurts
/// nobody else.
[[nodiscard]] const std::vector<std::string>& safe_sysctls();
/// Kubernetes takes names with slashes as well, and then a dot is part of a name
/// ("net/ipv4/conf/eth0.1/mtu"): with dots, and such dots as slashes.
[[nodiscard]] std::string dotted_sysctl(std::string name);

}  // namespace podvisor
