// One podvisor a state directory: a lock file that dies with its holder.
#pragma once

#include <string>

#include "podvisor/fd.h"
#include "podvisor/result.h"

namespace podvisor {

/// Makes the directory if need be and locks it until the descriptor is closed. The error names the
/// pid of whoever holds it.
[[nodiscard]] Result<Fd> lock_state_dir(const std::string& state_dir);

}  // namespace podvisor
