// Who follows rollouts, of pods' names or of Deployments. Loop thread only.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "podvisor/ports/rollout_control.h"

namespace podvisor {

class RolloutWatchers {
 public:
  std::uint64_t add(RolloutControl::Watcher watcher) {
    watchers_.emplace(++last_id_, std::move(watcher));
    return last_id_;
  }
  void remove(std::uint64_t id) { watchers_.erase(id); }
  /// A watcher may end itself, or others.
  void tell(const std::string& namespace_, const std::string& name) const {
    for (auto it = watchers_.begin(); it != watchers_.end();) {
      const std::uint64_t id = it->first;
      const RolloutControl::Watcher watcher = it->second;
      watcher(namespace_, name);
      it = watchers_.upper_bound(id);
    }
  }

 private:
  std::map<std::uint64_t, RolloutControl::Watcher> watchers_;
  std::uint64_t last_id_ = 0;
};

}  // namespace podvisor
