// What the host cannot give a pod, said before anything of it starts, with the way out.
#pragma once

#include <string>
#include <vector>

#include "podvisor/pod.h"
#include "runtime/preflight/host.h"

namespace podvisor {

/// Where a plain process's command is looked for when its environment has no PATH.
inline constexpr const char* kDefaultPath =
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

struct Problem {
  std::string field;  ///< "spec.containers[1].command[0]": a path in the manifest
  std::string message;
};

/// Every reason why the pod could not run here; empty: none is known. Looks, never changes
/// anything. Blocking, but short: a few stat and bind calls.
[[nodiscard]] std::vector<Problem> preflight(const Pod& pod, const HostFacts& facts,
                                             const Host& host = this_host());

/// What is not there and may yet come: the pod can be taken in, and waits for it (VOL-4).
[[nodiscard]] std::vector<Problem> awaited(const Pod& pod, const Host& host = this_host());

}  // namespace podvisor
