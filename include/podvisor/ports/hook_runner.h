// Runs lifecycle hooks (HOK). The only answer is HookCompleted at the EventSink, exactly once for
// each run unless it was cancelled. Loop thread only.
#pragma once

#include "podvisor/pod_state.h"

namespace podvisor {

class HookRunner {
 public:
  virtual ~HookRunner() = default;
  /// No timeout of its own (HOK-1, TRM-4): whoever asked cancels it.
  virtual void run_hook(const Pod& pod, const pod_action::RunHook& hook) = 0;
  virtual void cancel_hook(const PodUid& pod, const pod_action::CancelHook& hook) = 0;
};

}  // namespace podvisor
