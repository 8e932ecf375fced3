// Kernel parameters that a pod may set for itself.
#pragma once

#include <string>
#include <vector>

namespace podvisor::manifest {

/// What Kubernetes allows without being asked: each is a namespace's own, and hurts nobody else.
[[nodiscard]] const std::vector<std::string>& safe_sysctls();
/// Kubernetes takes names with slashes as well, and then a dot is part of a name
/// ("net/ipv4/conf/eth0.1/mtu"): with dots, and such dots as slashes.
[[nodiscard]] std::string dotted_sysctl(std::string name);

}  // namespace podvisor::manifest
