// Names of signals, as `lifecycle.stopSignal` writes them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace podvisor::manifest {

/// "SIGTERM", "SIGRTMIN+3"; nothing for any other text.
[[nodiscard]] std::optional<int> parse_signal(std::string_view name);
/// What is wrong with the name; empty: nothing.
[[nodiscard]] std::string check_signal(std::string_view name);

}  // namespace podvisor::manifest
