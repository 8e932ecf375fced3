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

/// SIGINT, SIGTERM and SIGUSR2 change nothing any more, but the next podvisor gets to hear them.
void keep_signals();
/// As if it had come just now, after keep_signals().
void keep_signal(int signal);
/// What was kept for this podvisor comes now: whoever is to hear it must be there.
void hear_kept_signals();

/// Children that the podvisor before this one had, and that have ended since. Before there are any
/// of this one's.
void reap_children();

/// Does not return unless it fails.
Error replace_by(const OwnCommand& command);

}  // namespace podvisor
