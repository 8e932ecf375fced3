// When something was written down: by which boot's clock. CLOCK_MONOTONIC begins anew with each, so
// what is read in another boot has to be moved.
#pragma once

#include <string>

#include "podvisor/time.h"

namespace podvisor::state {

/// Of every file that podvisor writes down.
inline constexpr int kSchemaVersion = 1;

struct Stamp {
  std::string boot;  ///< the kernel's boot id; empty: unknown
  Instant at;
};

[[nodiscard]] std::string this_boot();

/// What to add to a TimePoint of `written` to have it on the clock of `now`: as far from now as the
/// clocks on the wall say that it was.
[[nodiscard]] Duration shift_between(const Stamp& written, const Stamp& now);

}  // namespace podvisor::state
