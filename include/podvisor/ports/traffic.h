// Takes traffic away from a pod before it is stopped (DIF-3.2). Loop thread only.
#pragma once

#include "podvisor/pod_state.h"

namespace podvisor {

class Traffic {
 public:
  virtual ~Traffic() = default;
  /// -> TrafficDrained{attempt} at the EventSink, when nothing is under way at that sandbox of the
  /// pod or the time is over; at once where no door relays to it.
  virtual void drain(const Pod& pod, const pod_action::DrainTraffic& drain) = 0;
};

}  // namespace podvisor
