// A pull under way on one line of a terminal. Pure.
#pragma once

#include <string>

#include "podvisor/ports/images.h"

namespace podvisor::cli {

/// "app:1  12.5MB of 50MB (25%)  2 of 5 layers  9s left"
[[nodiscard]] std::string pull_line(const PullProgress& progress);

}  // namespace podvisor::cli
