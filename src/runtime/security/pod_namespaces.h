// Which namespaces a pod has of its own (NET-1). Pure.
#pragma once

#include "podvisor/pod.h"

namespace podvisor {

/// True: made for the pod. False: the host's, or for the network the one that is joined.
struct PodNamespaces {
  bool network = false;
  bool ipc = false;
  bool uts = false;
  bool pid = false;  ///< the pod's processes see each other, with pause as PID 1, and no others
};

/// Plain processes depart from Kubernetes in two ways, so that a pod on the host's network needs no
/// privilege and a supervisor's processes are where a supervisor's are: without
/// shareProcessNamespace they are in the host's pid namespace, and with hostNetwork in its IPC
/// namespace.
[[nodiscard]] PodNamespaces pod_namespaces(const PodSpec& spec);

}  // namespace podvisor
