// One scalar of the tree as the JSON value that its row asks for.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "manifest/report.h"
#include "manifest/schema.h"
#include "manifest/yaml_tree.h"

namespace podvisor::manifest {

/// Nothing when the value is not what `field` allows, which is then reported. An empty result with
/// no report does not exist. Field::shape is not looked at.
[[nodiscard]] std::optional<nlohmann::json> scalar_value(const Field& field, const Node& node,
                                                         const std::string& path, Report& report);

}  // namespace podvisor::manifest
