// What a container may be told about its own pod and node (kubernetes-semantics DWN): for variables
// (valueFrom) and for the files of downwardAPI volumes. Pure.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "podvisor/pod.h"
#include "podvisor/result.h"

namespace podvisor {

/// The host as the node that the pod's status and the downward API speak of (DWN-6).
struct NodeFacts {
  std::string name;
  std::int64_t cpu_millis = 0;         ///< allocatable, thousandths of a CPU
  std::int64_t memory_bytes = 0;       ///< allocatable
  std::int64_t ephemeral_storage = 0;  ///< bytes
  /// The node's addresses, the first of them its hostIP. Asked for only when told: they may change.
  std::function<std::vector<std::string>()> addresses;
};

/// The value of a fieldRef (DWN-1 … DWN-3). `pod_ip` is empty where the pod has none; on the host's
/// network the node's address is the pod's. The error: there is no such path.
[[nodiscard]] Result<std::string> field_value(const Pod& pod, const std::string& field_path,
                                              const std::string& pod_ip, const NodeFacts& node);

/// The value of a resourceFieldRef (DWN-4, DWN-5); `own` is the container of which there is none
/// named. The error: no such container, resource or divisor.
[[nodiscard]] Result<std::string> resource_value(const Pod& pod, const Container& own,
                                                 const ResourceFieldSelector& selector,
                                                 const NodeFacts& node);

/// Between double quotes as Go's strconv.Quote: one line, nothing unprintable (DWN-1).
[[nodiscard]] std::string go_quote(std::string_view text);

}  // namespace podvisor
