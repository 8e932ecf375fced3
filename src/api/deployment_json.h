// An apps/v1 Deployment with its status, and the autoscaling/v1 Scale of one.
#pragma once

#include "api/json.h"
#include "podvisor/object_store.h"

namespace podvisor {

[[nodiscard]] Json object_json(const DeploymentEntry& entry);
[[nodiscard]] Json scale_json(const DeploymentEntry& entry);

}  // namespace podvisor
