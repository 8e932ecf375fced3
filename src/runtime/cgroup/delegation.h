// Giving controllers to the cgroups below one (cgroup v2).
#pragma once

#include <string>

#include "runtime/cgroup/directory.h"

namespace podvisor {

/// Name of the cgroup that podvisor moves itself into when it has to; see enter_leaf().
inline constexpr const char* kSupervisorLeaf = "supervisor";

/// Enables memory, cpu, pids and io, as far as `cgroup` has them itself, for the cgroups below it.
[[nodiscard]] Status delegate_controllers(const CgroupDirectory& cgroup);
/// Takes them back.
[[nodiscard]] Status withdraw_controllers(const CgroupDirectory& cgroup);

/// Whether a process other than this one is in it itself.
[[nodiscard]] bool has_other_processes(const CgroupDirectory& cgroup);

/// Where podvisor makes its cgroup `parent`, and prepares it: the controllers reach `parent`'s
/// children. `own` is the cgroup that this process is in, `top` the uppermost that can be seen.
[[nodiscard]] Result<std::string> prepare_base(const std::string& own, const std::string& top,
                                               const std::string& parent);

/// Undoes what prepare_base() did, unless a pod is left. The same arguments.
[[nodiscard]] Status release_base(const std::string& own, const std::string& top,
                                  const std::string& parent);

}  // namespace podvisor
