// What the API may ask the daemon to do. Each is accepted or refused at once; what becomes of it is
// seen in the ObjectStore. Loop thread only.
#pragma once

#include <optional>
#include <string>

#include "podvisor/pod.h"
#include "podvisor/pod_status.h"
#include "podvisor/result.h"

namespace podvisor {

struct GivenCondition {
  std::string type;
  ConditionStatus status = ConditionStatus::False;
  std::string reason;
  std::string message;
};

class Control {
 public:
  virtual ~Control() = default;
  /// `grace_period` unset: the pod's own (TRM-1).
  [[nodiscard]] virtual Status delete_pod(const std::string& namespace_, const std::string& name,
                                          std::optional<Seconds> grace_period) = 0;
  /// Stops every pod, takes in no more, and ends podvisor when they are gone.
  virtual void stop_all(std::optional<Seconds> grace_period) = 0;
  /// Sets a condition that is not podvisor's own, such as a readiness gate's (CND-8).
  [[nodiscard]] virtual Status set_condition(const std::string& namespace_, const std::string& name,
                                             const GivenCondition& condition) = 0;
};

}  // namespace podvisor
