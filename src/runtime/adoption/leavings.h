// What is left of a pod's sandbox whose podvisor is no more, and how it is removed: everything that
// is in its name, and nothing else.
#pragma once

#include <string>

#include "podvisor/layout.h"
#include "podvisor/result.h"
#include "runtime/adoption/process_identity.h"
#include "runtime/cgroup/cgroup.h"

namespace podvisor {

struct SandboxLeavings {
  Layout layout;
  const CgroupTree* cgroups = nullptr;  ///< nullptr: --cgroups=none; outlives this
  PodUid pod;
  /// Ends its pauses with all that runs below them, whatever is in its cgroups, the mounts in its
  /// runtime directory, that directory, the layers of its containers and what OCI runtimes remember
  /// of them. Volumes and logs stay, and so does the network. Blocking; any thread. Goes on after
  /// an error; returns the first one.
  Status remove() const;
};

/// Whether there may be something to be removed. Quick.
[[nodiscard]] bool has_leavings(const Layout& layout, const PodUid& pod);

/// Where OCI runtimes keep what they remember.
[[nodiscard]] std::string oci_state_root(const Layout& layout);

}  // namespace podvisor
