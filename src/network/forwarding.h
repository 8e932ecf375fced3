// net.ipv4.ip_forward of the network namespace that podvisor runs in.
#pragma once

#include "podvisor/result.h"

namespace podvisor {

/// Turns it on where it is off, and says so in the log. It stays on: whoever else began to rely on
/// it meanwhile can't be known (docker and podman leave it on for the same reason).
[[nodiscard]] Status enable_ip_forward();

}  // namespace podvisor
