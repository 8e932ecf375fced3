// Words that `get` and `describe` have in common about Services.
#pragma once

#include <string>

#include "cli/fields.h"

namespace podvisor::cli {

/// "app=web,tier=front", or "<none>".
[[nodiscard]] std::string pairs_text(const Json& map);
/// The ready addresses of an Endpoints object, of all ports or of the one of that name: the first
/// three, "10.88.0.2:80,10.88.0.3:80 + 1 more...", or "<none>".
[[nodiscard]] std::string addresses_text(const Json& endpoints);
[[nodiscard]] std::string addresses_text(const Json& endpoints, const std::string& port_name);

}  // namespace podvisor::cli
