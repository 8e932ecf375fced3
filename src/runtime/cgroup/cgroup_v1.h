// cgroup v1, and the controllers' side of a hybrid host.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runtime/cgroup/cgroup.h"
#include "runtime/cgroup/hierarchies.h"

namespace podvisor {

/// `hierarchies` has one with the memory controller. Where cpu, cpuacct or pids are missing, a
/// limit that needs them is an error of make().
[[nodiscard]] Result<std::unique_ptr<CgroupTree>> open_cgroup_tree_v1(
    std::vector<Hierarchy> hierarchies, const std::string& parent);

}  // namespace podvisor
