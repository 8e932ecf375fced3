// What pause makes before it serves anybody: namespaces, hostname, loopback, and itself a quiet,
// unkillable-by-accident subreaper.
#pragma once

#include "pause/protocol.h"

namespace podvisor::pause {

/// Where podvisor leaves the descriptors that pause starts with.
inline constexpr int kListenFd = 3;
inline constexpr int kJoinNetworkFd = 4;

struct Options {
  bool network = false;            ///< --net: a network namespace of its own, loopback up
  bool join_network = false;       ///< --join-net: the one behind kJoinNetworkFd
  bool ipc = false;                ///< --ipc
  bool uts = false;                ///< --uts
  const char* hostname = nullptr;  ///< --hostname=NAME, with --uts
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
/// Failure::step is None when all is well.
[[nodiscard]] Failure make_namespaces(const Options& options);

}  // namespace podvisor::pause
