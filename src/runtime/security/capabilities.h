// Linux capabilities by their names (SEC-8). Pure, but for own_capabilities().
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "podvisor/pod.h"
#include "podvisor/result.h"

namespace podvisor {

/// A bit for each capability, by the kernel's numbers.
using CapabilityMask = std::uint64_t;

[[nodiscard]] constexpr CapabilityMask capability_bit(int capability) {
  return CapabilityMask{1} << static_cast<unsigned>(capability);
}

/// "NET_ADMIN" or "CAP_NET_ADMIN", in any case.
[[nodiscard]] std::optional<int> find_capability(std::string_view name);
/// "NET_ADMIN".
[[nodiscard]] std::string capability_name(int capability);

/// What container runtimes leave to a process that asks for no more.
[[nodiscard]] CapabilityMask default_capabilities();

/// SEC-8: the default set, then drop, then add, within `own`, which is what podvisor has to give.
/// The error names what there is no such capability as, or what podvisor itself does not have.
[[nodiscard]] Result<CapabilityMask> capability_mask(const Capabilities& wanted,
                                                     CapabilityMask own);

/// This process's effective ones.
[[nodiscard]] CapabilityMask own_capabilities();

}  // namespace podvisor
