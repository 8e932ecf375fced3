// What a pod calls itself (NET-3, NET-4). Pure.
#pragma once

#include <string>

#include "podvisor/pod.h"
#include "podvisor/result.h"

namespace podvisor {

/// What follows the pod's host name in its fully qualified one: SUBDOMAIN.NAMESPACE.svc and the
/// cluster's domain, if there is one. Empty without a subdomain.
[[nodiscard]] std::string pod_domain(const Pod& pod, const std::string& cluster_domain);

/// What uname(2) says in the pod, and HOSTNAME: the host name, or with setHostnameAsFQDN the fully
/// qualified one. The error: that is longer than the kernel's 64 characters.
[[nodiscard]] Result<std::string> kernel_hostname(const Pod& pod,
                                                  const std::string& cluster_domain);

}  // namespace podvisor
