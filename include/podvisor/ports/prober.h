// Starts probe attempts. The only answer is AttemptCompleted at the EventSink, exactly once for
// each start unless it was cancelled. Loop thread only.
#pragma once

#include "podvisor/pod_state.h"

namespace podvisor {

class Prober {
 public:
  virtual ~Prober() = default;
  virtual void start_attempt(const Pod& pod, const pod_action::StartAttempt& attempt) = 0;
  virtual void cancel_attempt(const PodUid& pod, std::uint64_t attempt_id) = 0;
};

}  // namespace podvisor
