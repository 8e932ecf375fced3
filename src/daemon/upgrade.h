// podvisor in place of itself: the program file as it is now, with the same arguments and pid.
#pragma once

#include <string>
#include <vector>

#include "podvisor/result.h"

namespace podvisor {

struct OwnCommand {
  std::string program;  ///< where it was started from, also if another file is there by now
  std::vector<std::string> arguments;
};
[[nodiscard]] OwnCommand own_command();

/// Does not return unless it fails.
Error replace_by(const OwnCommand& command);

}  // namespace podvisor
