// Makes the pod's socket and starts podvisor-pause with it.
#pragma once

#include <string>

#include "podvisor/fd.h"
#include "podvisor/result.h"
#include "runtime/pause_client.h"

namespace podvisor {

struct PauseProcess {
  pid_t pid = 0;
  Fd connection;  ///< to its socket; waits in its queue until it accepts
};

[[nodiscard]] Result<PauseProcess> start_pause(const PauseSettings& settings);
/// A connection to directory/pause.sock, non-blocking.
[[nodiscard]] Result<Fd> connect_pause(const std::string& directory);

}  // namespace podvisor
