// Control groups, one a container under one a pod, on cgroup v2 and on v1/hybrid hosts alike.
// Errors name the file that was read or written. Loop thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "loop/loop.h"
#include "podvisor/fd.h"
#include "podvisor/ports/runtime.h"
#include "podvisor/result.h"

namespace podvisor {

struct CgroupLimits {
  std::optional<std::int64_t> memory_max;  ///< bytes (RES-3)
  std::optional<std::int64_t> cpu_quota;   ///< µs in each 100 ms (RES-1)
  std::int64_t cpu_shares = 2;             ///< RES-1; on v2 turned into a weight (RES-2)
  std::int64_t pids_max = 0;               ///< 0: no limit
};

/// How a child enters a cgroup. Descriptors are borrowed from the cgroup.
struct CgroupEntry {
  int directory = -1;      ///< v2: for clone3(CLONE_INTO_CGROUP)
  std::vector<int> tasks;  ///< v1: `tasks` files; the child itself writes "0" into each
};

class Cgroup {
 public:
  virtual ~Cgroup() = default;  ///< closes descriptors; the cgroup stays until remove()
  [[nodiscard]] virtual CgroupEntry entry() const = 0;
  /// SIGKILL to every process in it and in cgroups that they made below it. They are gone some time
  /// later: see empty(). Nothing can be started in it any more: make() it again.
  virtual void kill_all() = 0;
  [[nodiscard]] virtual bool empty() const = 0;
  /// The oom_kill counter since the cgroup was made (RES-9); on v2 it may rise by more than one a
  /// kill. It has risen by the time that a killed process can be reaped.
  [[nodiscard]] virtual std::int64_t oom_kills() const = 0;
  /// Calls back after oom_kills() has risen, which may be later than the process's exit. v1 says
  /// nothing when the whole machine ran out of memory: read oom_kills() at an exit, always. One
  /// callback a cgroup; it may destroy the cgroup.
  [[nodiscard]] virtual Status watch_oom(Loop& loop, std::function<void()> callback) = 0;
  /// memory_limit 0: none, as cAdvisor says it.
  [[nodiscard]] virtual ContainerUsage usage() const = 0;
  /// rmdir; EBUSY while something lives in it. Ends the watch, even so. Gone already is a success.
  [[nodiscard]] virtual Status remove() = 0;
};

class CgroupTree {
 public:
  virtual ~CgroupTree() = default;
  /// PARENT/pod<uid>/<container>, limits written. One that is left from before is made anew; while
  /// something lives in it, it is reused as it is and its limits are rewritten. Nothing is left
  /// after an error. Memory limits include swap, which is the kubelet's default (NoSwap).
  [[nodiscard]] virtual Result<std::unique_ptr<Cgroup>> make(const PodUid& pod,
                                                             const std::string& container,
                                                             const CgroupLimits& limits) = 0;
  /// What make() has made and nobody has removed, as it is; ENOENT when it is not there.
  [[nodiscard]] virtual Result<std::unique_ptr<Cgroup>> open(
      const PodUid& pod, const std::string& container) const = 0;
  /// The pods that have a PARENT/pod<uid>.
  [[nodiscard]] virtual std::vector<PodUid> pods() const = 0;
  /// SIGKILL to everything below PARENT/pod<uid>, then removes it as remove_pod() does, with the
  /// containers' cgroups; EBUSY while something is still dying. Any thread.
  [[nodiscard]] virtual Status clear_pod(const PodUid& pod) const = 0;
  /// That of make() as an OCI runtime takes it that runs in podvisor's own cgroup: below where the
  /// hierarchies are mounted, or, without a slash in front, below that cgroup in each of them.
  [[nodiscard]] virtual std::string runtime_path(const PodUid& pod,
                                                 const std::string& container) const = 0;
  /// Ways into the cgroups of that name which only the OCI runtime has made (devices, freezer, …),
  /// to be used as CgroupEntry::tasks are.
  [[nodiscard]] virtual std::vector<Fd> runtime_tasks(const PodUid& /*pod*/,
                                                      const std::string& /*container*/) const {
    return {};
  }
  /// Removes PARENT/pod<uid>, whose containers' cgroups must be gone, also from hierarchies that
  /// only an OCI runtime has used.
  virtual Status remove_pod(const PodUid& pod) = 0;
};

/// Finds out which hierarchies this host has and makes `parent` ("podvisor") under the cgroup that
/// this process is in, or ("/podvisor") under the top, on each that is used (v1: memory, cpu,
/// cpuacct, pids; on v2 this process then stays where it is). The error says which
/// file could not be written and what to do. `root` is where cgroups are mounted.
///
/// v2 gives no memory controller to cgroups below one that holds processes itself. So there this
/// process moves into PARENT/supervisor; and where others share its cgroup (a login shell's
/// session), PARENT is made under the real root instead, which is exempt.
[[nodiscard]] Result<std::unique_ptr<CgroupTree>> open_cgroup_tree(
    const std::string& parent, const std::string& root = "/sys/fs/cgroup");
/// Removes `parent` again when no pod is left in it, and moves this process back to where it was.
[[nodiscard]] Status remove_cgroup_tree(const std::string& parent,
                                        const std::string& root = "/sys/fs/cgroup");

/// RES-1, RES-2: what a container's resources mean to the kernel. Pure.
[[nodiscard]] CgroupLimits cgroup_limits(const ResourceRequirements& resources,
                                         std::int64_t pids_limit);
[[nodiscard]] std::int64_t cpu_weight(std::int64_t shares);

}  // namespace podvisor
