// kube-state-metrics' families about pods (MET-4), read from the store at each scrape.
#pragma once

#include <string>

#include "metrics/families.h"
#include "podvisor/object_store.h"

namespace podvisor {

/// The host, as pods' labels call it.
struct NodeInfo {
  std::string name;
  std::string address;  ///< host_ip; may be empty
};

void add_kube_pods(Families& families, const ObjectStore& store, const NodeInfo& node);

/// namespace, pod, uid: what every kube_pod_* sample carries.
[[nodiscard]] Labels pod_labels(const Pod& pod);
[[nodiscard]] double unix_seconds(WallTime time);

}  // namespace podvisor
