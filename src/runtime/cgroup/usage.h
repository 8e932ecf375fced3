// What a container has used, from its cgroup's files. The meanings are cAdvisor's (MET-6, MET-7):
// a file that is missing or says something strange leaves its values unset.
#pragma once

#include "podvisor/ports/runtime.h"
#include "runtime/cgroup/directory.h"

namespace podvisor {

/// The same cgroup in each hierarchy; nullptr where there is none.
struct V1Directories {
  const CgroupDirectory* memory = nullptr;
  const CgroupDirectory* cpu = nullptr;
  const CgroupDirectory* cpuacct = nullptr;
  const CgroupDirectory* pids = nullptr;
};

[[nodiscard]] ContainerUsage usage_v1(const V1Directories& cgroup);
[[nodiscard]] ContainerUsage usage_v2(const CgroupDirectory& cgroup);

}  // namespace podvisor
