// The moment at which the tests of what the verbs print look.
#pragma once

#include "cli/text.h"

namespace podvisor::cli {

inline const WallTime kNow = *parse_time("2026-03-01T12:10:00Z");

}  // namespace podvisor::cli
