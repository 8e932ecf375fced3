// Names of capabilities, as `securityContext.capabilities` writes them (SEC-8).
#pragma once

#include <string>
#include <string_view>

namespace podvisor::manifest {

/// In upper case and without CAP_: "NET_ADMIN", "ALL".
[[nodiscard]] std::string bare_capability(std::string_view name);
/// What is wrong with the name; empty: nothing.
[[nodiscard]] std::string check_capability(std::string_view name);

}  // namespace podvisor::manifest
