// What the kernel says that there is, read without any of podvisor's code: everything that is a
// descendant of this process, and everything that carries the name of the test's directory.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace podvisor {

struct SeenProcess {
  pid_t pid = 0;
  pid_t parent = 0;
  char state = '?';
  std::string name;  ///< comm
  std::vector<std::string> command;
  std::string pod_uid;                ///< of a pause, by its environment
  std::set<std::string> cgroups;      ///< below the parent, in every hierarchy: "podUID/CONTAINER"
  std::string net, ipc, uts, pid_ns;  ///< what /proc/PID/ns names
};

struct SeenListener {
  std::uint16_t port = 0;
  std::uint64_t inode = 0;
};

struct KernelView {
  std::map<pid_t, SeenProcess> processes;  ///< descendants; no threads
  std::set<std::string> cgroups;           ///< "podUID", "podUID/CONTAINER"; of any hierarchy
  std::set<std::string> links;             ///< of this network namespace, without lo
  std::vector<std::string> mounts;         ///< mount points below the directory
  std::set<std::string> runtime_pods, state_pods;  ///< names of pods' directories
  std::vector<SeenListener> listeners;             ///< TCP, of this network namespace
  std::string net;                                 ///< this process's own

  [[nodiscard]] std::vector<const SeenProcess*> children_of(pid_t parent) const;
};

/// `dir` holds run/ and state/; `cgroup` is the name of the pods' parent.
[[nodiscard]] KernelView look_at_kernel(const std::string& dir, const std::string& cgroup);

/// Descendants of that name that have not ended.
[[nodiscard]] std::vector<SeenProcess> processes_named(const std::string& name,
                                                       const std::string& dir,
                                                       const std::string& cgroup);

/// IPv4 addresses of the network namespace that the process is in, without the loopback's.
[[nodiscard]] std::set<std::string> addresses_in(pid_t pid);
/// The inodes of the sockets that it has open.
[[nodiscard]] std::set<std::uint64_t> sockets_of(pid_t pid);
/// It has a socket that listens there, for each port.
[[nodiscard]] bool holds_listeners(pid_t pid, const std::set<std::uint16_t>& ports);

}  // namespace podvisor
