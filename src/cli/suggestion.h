// "Did you mean …?" for words of the command line that nothing knows. Pure.
#pragma once

#include <CLI/App.hpp>
#include <string>
#include <vector>

namespace podvisor::cli {

/// The sentence, or nothing when every word is known or nothing is near. `arguments` in the order
/// in which they were given.
[[nodiscard]] std::string suggestion(const CLI::App& app,
                                     const std::vector<std::string>& arguments);

}  // namespace podvisor::cli
