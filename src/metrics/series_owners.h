// Which pods a registry's series belong to, so that they go with the last of them (PRB-31).
#pragma once

#include <prometheus/family.h>

#include <algorithm>
#include <set>
#include <unordered_map>

#include "podvisor/pod.h"

namespace podvisor {

/// Where a family has no pod_uid among its labels (MET-2), a pod and its successor of the same name
/// share a series.
template <typename Series>
class SeriesOwners {
 public:
  Series& own(const PodUid& pod, Series& series) {
    owned_[pod].insert(&series);
    return series;
  }

  void forget(const PodUid& pod, prometheus::Family<Series>& family) {
    const auto mine = owned_.extract(pod);
    if (mine.empty()) return;
    for (Series* series : mine.mapped()) {
      if (!owned_by_anybody(series)) family.Remove(series);
    }
  }

 private:
  [[nodiscard]] bool owned_by_anybody(Series* series) const {
    return std::any_of(owned_.begin(), owned_.end(),
                       [series](const auto& pod) { return pod.second.contains(series); });
  }

  std::unordered_map<PodUid, std::set<Series*>> owned_;
};

}  // namespace podvisor
