// API objects as `-o json` and `-o yaml` print them. Pure; safe for a terminal.
#pragma once

#include <string>
#include <vector>

#include "cli/fields.h"

namespace podvisor::cli {

/// kubectl's four spaces, keys sorted, with a final newline.
[[nodiscard]] std::string to_json_text(const Json& object);
/// Keys sorted; every string that YAML would read as something else is quoted.
[[nodiscard]] std::string to_yaml_text(const Json& object);
/// A v1 List; what has no apiVersion and kind is a v1 Pod.
[[nodiscard]] Json list_document(std::vector<Json> pods);

}  // namespace podvisor::cli
