// What `podvisor validate --host` asks: would this pod run here, now?
#pragma once

#include <vector>

#include "manifest/manifest.h"

namespace podvisor {

/// What keeps the pod from running on this host, with the user and the defaults of this process;
/// empty: nothing that is known. Looks, never changes anything.
[[nodiscard]] std::vector<Diagnostic> check_host(const LoadedPod& loaded);

/// What is in the way of `loaded` according to `facts`, each at its field's place.
struct HostFacts;
[[nodiscard]] std::vector<Diagnostic> host_diagnostics(const LoadedPod& loaded,
                                                       const HostFacts& facts);
/// What is missing and may yet come: `serve` lets the pod wait for it, `run` says it and ends.
[[nodiscard]] std::vector<Diagnostic> awaited_diagnostics(const LoadedPod& loaded);

}  // namespace podvisor
