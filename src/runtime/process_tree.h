// Processes found through /proc, for where no cgroup says who belongs together. All signals go
// through pidfds that were checked, so that a reused pid is never hit. Best effort by nature: a
// process that forks faster than it is found, or that left its session after its parent had ended,
// can escape; pause, the subreaper, gets it in the end.
#pragma once

#include <sys/types.h>

#include <vector>

namespace podvisor {

struct ProcessEntry {
  pid_t pid = 0;
  pid_t parent = 0;
  pid_t session = 0;
};

/// Every live process below `ancestor`; zombies are left out.
[[nodiscard]] std::vector<ProcessEntry> descendants(pid_t ancestor);
/// Every live process of the host. A walk over all of /proc.
[[nodiscard]] std::vector<ProcessEntry> all_processes();

/// Those of `processes` that are `leader`, below it, or in its session.
[[nodiscard]] std::vector<ProcessEntry> tree_of(pid_t leader,
                                                const std::vector<ProcessEntry>& processes);

/// SIGKILL to each that still is what it was when it was found.
void kill_processes(const std::vector<ProcessEntry>& processes);
/// Kills tree_of(leader) among pause's descendants, again until nothing new is found. False: there
/// was nothing from the beginning.
bool kill_tree(pid_t pause, pid_t leader);
/// The same among all processes, for where pause is gone.
bool kill_tree(pid_t leader);

/// The process is exiting already: what its parent will learn is settled.
[[nodiscard]] bool is_exiting(pid_t pid);

}  // namespace podvisor
