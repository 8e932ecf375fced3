// Rules of the downward API's selectors (kubernetes-semantics DWN), which env and volumes share.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "manifest/report.h"

namespace podvisor::manifest {

enum class DownwardUse : std::uint8_t { Env, VolumeFile };

/// `path` is that of the selector.
void validate_field_ref(const nlohmann::json& selector, DownwardUse use, const std::string& path,
                        Report& report);
void validate_resource_field_ref(const nlohmann::json& selector, DownwardUse use,
                                 const std::string& path, Report& report);

}  // namespace podvisor::manifest
