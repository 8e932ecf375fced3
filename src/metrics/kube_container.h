// kube-state-metrics' families about containers (MET-4): kube_pod_container_* for regular ones,
// kube_pod_init_container_* for init containers and sidecars (MET-5).
#pragma once

#include <string>

#include "metrics/families.h"
#include "metrics/kube_pod.h"
#include "podvisor/object_store.h"

namespace podvisor {

void add_kube_containers(Families& families, const ObjectStore& store, const NodeInfo& node);

/// What `image` labels say (MET-7): dashboards leave out series whose image is empty, so a plain
/// process has one too.
[[nodiscard]] std::string image_label(const Container& container);
/// The status of that container, or nullptr.
[[nodiscard]] const ContainerStatus* find_status(const PodStatus& status,
                                                 const Container& container);

}  // namespace podvisor
