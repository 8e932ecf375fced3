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

/// SIGINT, SIGTERM and SIGUSR2 change nothing any more: they wait, across replace_by(), for the
/// next podvisor. On the loop thread, which alone gets any.
void hold_signals();
/// What was held for this podvisor comes now: whoever is to hear it must be there.
void hear_held_signals();

/// Children that the podvisor before this one had, and that have ended since. Before there are any
/// of this one's.
void reap_children();

/// Does not return unless it fails.
Error replace_by(const OwnCommand& command);

}  // namespace podvisor
