// The host, as the node that the downward API tells of (DWN-6).
#pragma once

#include <string>

#include "podvisor/downward_api.h"

namespace podvisor {

/// Totals of this host; ephemeral storage is the size of the file system that holds `state_dir`, or
/// would. Addresses are the first IPv4 and the first global IPv6 address of an interface that is
/// up, looked up anew at each call.
[[nodiscard]] NodeFacts this_node(const std::string& state_dir);

}  // namespace podvisor
