// cgroup v2.
#pragma once

#include <memory>
#include <string>

#include "runtime/cgroup/cgroup.h"

namespace podvisor {

/// PARENT is made in the cgroup `base`, below `mount`, which already gives its children their
/// controllers. Limits that need a controller which is not there are an error of make().
[[nodiscard]] Result<std::unique_ptr<CgroupTree>> open_cgroup_tree_v2(const std::string& mount,
                                                                      const std::string& base,
                                                                      const std::string& parent);

}  // namespace podvisor
