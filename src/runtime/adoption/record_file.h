// Small JSON files in a pod's runtime directory: written whole or not at all, read whole within a
// bound. They are on a tmpfs and about this boot alone, so nothing is fsynced.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "podvisor/result.h"

namespace podvisor {

/// By a rename from beside it, 0600.
[[nodiscard]] Status write_record(const std::string& path, const nlohmann::json& record);
/// An object; ENOENT where there is none.
[[nodiscard]] Result<nlohmann::json> read_record(const std::string& path);

}  // namespace podvisor
