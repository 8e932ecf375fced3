// The last gate before a pod takes its name's traffic: one request by the way that the traffic will
// take. Where there is no door nobody implements it, and nothing is asked. Loop thread only.
#pragma once

#include <functional>
#include <string>

#include "podvisor/pod.h"

namespace podvisor {

class TrafficCheck {
 public:
  virtual ~TrafficCheck() = default;
  /// `error` empty: it answered. Else what came instead, for the rollout's events.
  using Done = std::function<void(std::string error)>;
  /// `pod` is beside (ObjectStore::beside) and Ready. `done` is called once, at once or later; in
  /// bounded time. A pod that no port of the host leads to passes.
  virtual void check(const Pod& pod, Done done) = 0;
};

}  // namespace podvisor
