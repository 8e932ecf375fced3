// What podvisor.io/* annotations say about how a pod is replaced. Plain data.
#pragma once

#include <chrono>

namespace podvisor {

struct RolloutPolicy {
  bool recreate = false;  ///< podvisor.io/replace: Recreate (DIF-2.5)
  std::chrono::milliseconds min_ready{0};
  std::chrono::milliseconds bake{0};
  std::chrono::milliseconds progress_deadline = std::chrono::seconds(600);
  /// podvisor.io/rollout-on-config: all. A ConfigMap or Secret that is only mounted is a new
  /// revision as well when it changes; else its files are written anew and that is all.
  bool on_mounted_config = false;
};

}  // namespace podvisor
