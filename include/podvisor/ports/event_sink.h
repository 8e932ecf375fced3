// The one way back from the outside world into decisions.
#pragma once

#include "podvisor/pod_state.h"

namespace podvisor {

class EventSink {
 public:
  virtual ~EventSink() = default;
  /// Queues a fact about a pod; never blocks, never steps the pod before returning when called from
  /// within an action. Events for pods that are gone are dropped. Loop thread only.
  virtual void post(const PodUid& pod, PodEvent event) = 0;
};

}  // namespace podvisor
