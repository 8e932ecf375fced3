// spec.securityContext.sysctls: which of them a pod may set in namespaces of its own. Pure.
#pragma once

#include <string>

#include "podvisor/pod.h"
#include "podvisor/result.h"

namespace podvisor {

/// Below /proc/sys. Names are separated by dots, or by slashes if the first separator is one; then
/// dots are part of names ("net/ipv4/conf/eth0.1/forwarding").
[[nodiscard]] std::string sysctl_path(const std::string& name);

/// Kubernetes' safe set, in a namespace that the pod has for itself. The error says what to do.
[[nodiscard]] Status check_sysctl(const Sysctl& sysctl, bool own_network, bool own_ipc);

}  // namespace podvisor
