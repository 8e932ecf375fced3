// Starts one program the cheap way: a child that shares pause's memory until it executes.
#pragma once

#include "pause/protocol.h"
#include "pause/setup.h"

namespace podvisor::pause {

/// The child's pid, or 0 with `failure` set when any step up to execve failed; nothing is left
/// then. Pause stands still until the child executes or gives up.
[[nodiscard]] pid_t launch(const SpawnView& spawn, Failure& failure);
/// The same outside the pid namespace that pause has made for its children: orphans of whoever is
/// in there are not pause's.
[[nodiscard]] pid_t launch_outside(const SpawnView& spawn, Failure& failure);

}  // namespace podvisor::pause
