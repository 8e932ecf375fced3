// Listening sockets that systemd has kept (sd_listen_fds(3), FileDescriptorStoreMax=): podvisor and
// the door may die at once, and nobody is refused.
#pragma once

#include <chrono>
#include <set>
#include <string>
#include <vector>

#include "podvisor/fd.h"
#include "podvisor/time.h"

namespace podvisor {

struct PassedSockets {
  std::vector<Fd> sockets;
  std::set<std::string> names;  ///< by which systemd keeps them
};

/// How long they are at hand for the door; then those that nobody wanted are closed.
inline constexpr Duration kPassedFor = std::chrono::seconds(10);

/// Once, at the start: LISTEN_FDS and what belongs to it are gone from the environment then.
/// `first` is the number of the first of them.
[[nodiscard]] PassedSockets take_passed_sockets(int first = 3);

}  // namespace podvisor
