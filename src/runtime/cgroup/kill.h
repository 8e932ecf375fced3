// Killing a cgroup's processes where the kernel has no cgroup.kill.
#pragma once

#include "runtime/cgroup/directory.h"

namespace podvisor {

/// SIGKILL to every process in `cgroup` and in the cgroups below it. `pids`, where there is one, is
/// the same cgroup in the hierarchy of the pids controller.
void kill_processes(const CgroupDirectory& cgroup, const CgroupDirectory* pids);

/// No living process in it, nor in the cgroups below it.
[[nodiscard]] bool has_no_processes(const CgroupDirectory& cgroup);

}  // namespace podvisor
