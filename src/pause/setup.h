// What pause makes before it serves anybody: namespaces, hostname, loopback, and itself a quiet,
// unkillable-by-accident subreaper.
#pragma once

#include "pause/protocol.h"

namespace podvisor::pause {

/// Where podvisor leaves the descriptors that pause starts with.
inline constexpr int kListenFd = 3;
inline constexpr int kJoinNetworkFd = 4;
inline constexpr std::size_t kMaxSysctls = 64;

struct Options {
  bool network = false;            ///< --net: a network namespace of its own, loopback up
  bool join_network = false;       ///< --join-net: the one behind kJoinNetworkFd
  bool ipc = false;                ///< --ipc
  bool uts = false;                ///< --uts
  bool pid = false;                ///< --pid: a pid namespace for the children, with an init in it
  const char* hostname = nullptr;  ///< --hostname=NAME, with --uts
  /// --sysctl=PATH=VALUE, with PATH below /proc/sys; of the namespaces that are made here.
  char* sysctls[kMaxSysctls] = {};
  std::uint32_t sysctl_count = 0;
};

struct Failure {
  Step step = Step::None;
  int error_number = 0;
  std::uint32_t item = 0;
};

[[nodiscard]] bool parse_options(int argc, char** argv, Options& options);
/// Signals, session, subreaper, oom_score_adj (NET-2), descriptors. Cannot fail in a way that
/// matters. Returns a signalfd for SIGCHLD.
[[nodiscard]] int become_pause(const Options& options);
/// Failure::step is None when all is well. Failure::item is which of the sysctls it was.
[[nodiscard]] Failure make_namespaces(const Options& options);
/// With --pid: PID 1 of the children's namespace, which reaps the orphans in it and ends with
/// pause. Negative: an errno, negated.
[[nodiscard]] long start_init();

}  // namespace podvisor::pause
