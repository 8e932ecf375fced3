// What launch() is made of. The child runs these in memory that it shares with pause.
#pragma once

#include "pause/kernel.h"
#include "pause/protocol.h"
#include "pause/setup.h"

namespace podvisor::pause {

/// Shared by parent and child: the child writes down what went wrong, then exits.
struct Launch {
  const SpawnView* spawn;
  Failure failure;
  pid_t inner_pid;  ///< of who was born inside a pid namespace; 0: nobody was
};

[[noreturn]] inline void give_up(Launch& launch, Step step, long result, std::uint32_t item = 0) {
  launch.failure = {step, static_cast<int>(-result), item};
  exit_process(127);
}

inline void require(Launch& launch, Step step, long result, std::uint32_t item = 0) {
  if (result < 0) give_up(launch, step, result, item);
}

/// The container's own view of the file system, where it has one.
void make_mounts(Launch& launch);
/// AppArmor, seccomp, capabilities, groups, user and no_new_privs: the last steps before execve.
void become_user(Launch& launch);

}  // namespace podvisor::pause
