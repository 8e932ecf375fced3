#include "runtime/cgroup/kill.h"

#include <csignal>
#include <set>

namespace podvisor {
namespace {

// Each pass takes what was forked during the one before it. Only a tree that forks faster than it
// can be listed needs more than three, and only where pids.max cannot stop it.
constexpr int kMaxPasses = 100;

/// Returns whether a process was found that had not been signalled yet.
bool kill_once(const CgroupDirectory& cgroup, std::set<pid_t>& signalled) {
  bool found = false;
  for (const pid_t pid : cgroup.processes()) {
    // 0 is a process outside this pid namespace; kill(0) would hit our own process group.
    if (pid <= 0 || !signalled.insert(pid).second) continue;
    found = true;
    ::kill(pid, SIGKILL);
  }
  for (const CgroupDirectory& child : cgroup.children()) found |= kill_once(child, signalled);
  return found;
}

}  // namespace

void kill_processes(const CgroupDirectory& cgroup, const CgroupDirectory* pids) {
  // With pids.max at 0 no fork in it succeeds any more, so the tree cannot outrun the list. Unlike
  // the freezer this takes effect at once and needs no thawing. make() writes pids.max anew; where
  // it cannot be written, the passes have to be enough.
  if (pids != nullptr) static_cast<void>(pids->write("pids.max", "0"));
  std::set<pid_t> signalled;
  for (int pass = 0; pass < kMaxPasses && kill_once(cgroup, signalled); ++pass) {
  }
}

bool has_no_processes(const CgroupDirectory& cgroup) {
  if (!cgroup.processes().empty()) return false;
  for (const CgroupDirectory& child : cgroup.children()) {
    if (!has_no_processes(child)) return false;
  }
  return true;
}

}  // namespace podvisor
