// What a pod is reached at: its own address, or the host's.
#pragma once

#include <string>

#include "podvisor/object_store.h"

namespace podvisor {

/// status.podIP. Empty: it has none.
[[nodiscard]] inline const std::string& pod_ip(const PodObject& object) {
  const bool hosts = object.status.pod_ip.empty() && object.pod->spec.host_network;
  return hosts ? object.host_ip : object.status.pod_ip;
}

}  // namespace podvisor
