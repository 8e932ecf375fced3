// "Did you mean …": the nearest of some known words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace podvisor::manifest {

/// Single-character edits and swaps of neighbours between two words, upper case taken as lower.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

/// The nearest of `known`, or nothing when none is near enough to have been meant.
[[nodiscard]] std::string nearest(std::string_view word, const std::vector<std::string>& known);

}  // namespace podvisor::manifest
