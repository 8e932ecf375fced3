// What a container sees of the host's files besides its volumes: a root that may be read-only
// (SEC-9), a /proc of the pod's own (NET-1, SEC-7), the pod's /dev/shm.
#pragma once

#include <vector>

#include "podvisor/layout.h"
#include "podvisor/pod.h"
#include "podvisor/pod_state.h"
#include "podvisor/result.h"
#include "runtime/spawn_request.h"
#include "runtime/volumes/volumes.h"

namespace podvisor {

/// Pure. Paths of /proc are masked only in a /proc that is the pod's: the host's is its users'.
[[nodiscard]] FileView file_view(const PodSpec& spec, ContainerIndex container);

/// To be moved before the volumes' mounts, in this order.
[[nodiscard]] Result<std::vector<Mount>> base_mounts(const Pod& pod, ContainerIndex container,
                                                     const Layout& layout);

}  // namespace podvisor
