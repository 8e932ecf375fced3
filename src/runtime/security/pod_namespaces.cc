#include "runtime/security/pod_namespaces.h"

#include <algorithm>

namespace podvisor {

PodNamespaces pod_namespaces(const PodSpec& spec) {
  const bool on_host = spec.network == NetworkMode::Host;
  const bool plain = std::ranges::all_of(
      spec.containers, [](const Container& container) { return container.image.empty(); });
  PodNamespaces own;
  own.network = spec.network == NetworkMode::Bridge || spec.network == NetworkMode::None;
  own.uts = !on_host;
  own.ipc = !spec.host_ipc && (!on_host || !plain);
  own.pid = spec.share_process_namespace && !spec.host_pid;
  return own;
}

}  // namespace podvisor
