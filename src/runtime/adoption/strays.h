// What is left of pods that nobody knows any more. Ours is what is in podvisor's own directories,
// or a pause that says it is of one of them: what another podvisor on this host has made, and what
// somebody calls "pod" by chance, is not.
#pragma once

#include <set>
#include <vector>

#include "runtime/adoption/leavings.h"

namespace podvisor {

struct Stray : SandboxLeavings {
  /// Its volumes, its logs and its state as well. Blocking; any thread.
  Status remove() const;
};

/// Of pods that are not `known`. A look at two directories and a walk over /proc.
[[nodiscard]] std::vector<Stray> find_strays(const Layout& layout, const CgroupTree* cgroups,
                                             const std::set<PodUid>& known);

}  // namespace podvisor
