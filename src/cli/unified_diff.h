// Two texts compared line by line, as `diff -u` shows it. Pure.
#pragma once

#include <string>

namespace podvisor::cli {

/// Empty when they are the same. The names stand after --- and +++.
[[nodiscard]] std::string unified_diff(const std::string& before_name, const std::string& before,
                                       const std::string& after_name, const std::string& after);

}  // namespace podvisor::cli
