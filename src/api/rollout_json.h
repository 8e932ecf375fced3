// A rollout as the API shows it. The kind is podvisor's own: a Pod has no rollout in Kubernetes.
#pragma once

#include "api/json.h"
#include "podvisor/ports/rollout_control.h"

namespace podvisor {

[[nodiscard]] Json rollout_json(const std::string& namespace_, const std::string& name,
                                const RolloutView& view);

}  // namespace podvisor
