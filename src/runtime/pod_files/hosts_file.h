// A pod's /etc/hosts (NET-5 … NET-7), as kubelet writes it. Pure.
#pragma once

#include <string>

#include "podvisor/pod.h"

namespace podvisor {

/// Of a pod with a network of its own. `pod_ip` empty: it has no address, and no line with one.
[[nodiscard]] std::string hosts_file(const Pod& pod, const std::string& pod_ip,
                                     const std::string& cluster_domain);
/// Of a pod on the host's network: `host_file` is the host's own.
[[nodiscard]] std::string hosts_file_on_host(const Pod& pod, const std::string& host_file);

}  // namespace podvisor
