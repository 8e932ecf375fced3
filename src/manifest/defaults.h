// Defaults that depend on other fields (kubernetes-semantics DEF); those of one field alone are in
// the schema table.
#pragma once

#include <nlohmann/json.hpp>

namespace podvisor::manifest {

void apply_defaults(nlohmann::json& pod);

/// Those of the strategy, and of the template as a pod's.
void apply_deployment_defaults(nlohmann::json& deployment);

}  // namespace podvisor::manifest
