// PodStatus as Kubernetes spells it (CND, PHS, CST).
#pragma once

#include "api/json.h"
#include "podvisor/pod_status.h"

namespace podvisor {

[[nodiscard]] Json pod_status_json(const PodStatus& status);

}  // namespace podvisor
