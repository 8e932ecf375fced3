// What the interfaces of a pod's network namespace have counted (MET-6).
#pragma once

#include <sys/types.h>

#include <string_view>
#include <vector>

#include "podvisor/ports/runtime.h"

namespace podvisor {

/// Reads the text of /proc/PID/net/dev, without the loopback. Pure; a line that is none is passed
/// over.
[[nodiscard]] std::vector<InterfaceUsage> parse_net_dev(std::string_view text);
/// Of the network namespace that a process is in; nothing when that is gone.
[[nodiscard]] std::vector<InterfaceUsage> interface_usage_of(pid_t pid);

}  // namespace podvisor
