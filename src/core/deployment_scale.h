// How a changed number of replicas is shared among the revisions that have pods (ROL-4): what
// Kubernetes' deployment controller makes of its ReplicaSets. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace podvisor {

/// A revision's pods that count; at least one.
struct RevisionSize {
  std::string revision;
  int size = 0;
  std::uint64_t created = 0;  ///< larger: younger
};

struct ScaleTo {
  int replicas = 0;
  int surge = 0;
  int most_before = 0;  ///< replicas and surge for which the sizes were right
};

/// One revision alone gets `replicas`. Several share replicas and surge in proportion to what they
/// have, the larger ones first, and the largest has what rounding leaves: so a rollout stays where
/// it is. No size is negative; the order of what is returned is no promise.
[[nodiscard]] std::vector<RevisionSize> scaled(std::vector<RevisionSize> sizes, const ScaleTo& to);

}  // namespace podvisor
