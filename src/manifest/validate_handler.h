// VAL-16, VAL-20: probes and hooks do exactly one thing.
#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string>

#include "manifest/report.h"

namespace podvisor::manifest {

/// `names` are the kinds of handlers that there are. One that was refused is there all the same.
void validate_handler(const nlohmann::json& object, std::span<const char* const> names,
                      const std::string& path, Report& report);

}  // namespace podvisor::manifest
