// Durations, as annotations write them.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace podvisor::manifest {

/// "10s", "1m30s", "500ms", "2h" or "0", up to a week; nothing for any other text.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);
/// What is wrong with it; empty: nothing.
[[nodiscard]] std::string check_duration(std::string_view text);

}  // namespace podvisor::manifest
