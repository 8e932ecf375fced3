// Where a probe knocks (HTTP-3, HTTP-4, PRB-27). Pure.
#pragma once

#include <cstdint>
#include <string>

#include "podvisor/pod.h"
#include "podvisor/result.h"

namespace podvisor {

/// A number as it is; a name is looked up among the same container's ports, then read as a decimal
/// number. The error becomes Verdict::Error.
[[nodiscard]] Result<std::uint16_t> resolve_port(const PortRef& port, const Container& container);

/// "host:port", with brackets around an IPv6 address.
[[nodiscard]] std::string join_host_port(const std::string& host, std::uint16_t port);

}  // namespace podvisor
