// The pauses that podvisors of this host have started, known by a mark in their environment: for
// those that nothing was written down of, or whose directory is gone.
#pragma once

#include <string>
#include <vector>

#include "podvisor/pod.h"
#include "podvisor/result.h"
#include "runtime/adoption/process_identity.h"

namespace podvisor {

/// What a pause's environment consists of. `directory` is its pod's runtime directory.
[[nodiscard]] std::string pause_mark(const std::string& directory);

struct MarkedPause {
  ProcessIdentity process;
  PodUid pod;
};
/// Those with a pod's directory below `pods_directory`. A walk over all of /proc.
[[nodiscard]] std::vector<MarkedPause> find_pauses(const std::string& pods_directory);

/// Kills everything below a pause, then itself, and waits until it is gone. Blocking, some seconds
/// at the most; the error says what does not die.
[[nodiscard]] Status end_pause(const ProcessIdentity& pause);

}  // namespace podvisor
