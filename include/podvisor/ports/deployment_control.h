// Deployments, for whoever shows them and steers them. What RolloutControl says of a pod's name
// goes for a Deployment's here; revisions are of its template. Loop thread only.
#pragma once

#include <string>

#include "podvisor/ports/rollout_control.h"

namespace podvisor {

class DeploymentControl : public RolloutControl {
 public:
  /// It is gone at once; its pods are deleted, each in its own order.
  [[nodiscard]] virtual Status remove(const std::string& namespace_, const std::string& name) = 0;
};

}  // namespace podvisor
