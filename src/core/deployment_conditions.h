// Conditions of a Deployment, with Kubernetes' reasons and messages.
#pragma once

#include <cstdint>

#include "podvisor/deployment_plan.h"

namespace podvisor {

enum class ProgressReason : std::uint8_t {
  Created,
  Found,  ///< pods of that revision were there already
  Updated,
  Available,
  DeadlineExceeded,
  Paused,
  Resumed,
};

void set_progressing(const Deployment& deployment, DeploymentState& state, ProgressReason reason,
                     WallTime now);
void set_available(DeploymentState& state, bool enough, WallTime now);

}  // namespace podvisor
