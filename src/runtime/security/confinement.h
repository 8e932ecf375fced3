// From a container's securityContext to what the kernel is told (SEC-5 … SEC-8). Reads seccomp
// profiles; else pure: what the host contributes is an argument.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "podvisor/pod.h"
#include "podvisor/result.h"
#include "runtime/security/capabilities.h"

namespace podvisor {

/// What a process may do (SEC-5 … SEC-8). Plain data, ready for the kernel.
struct Confinement {
  std::optional<std::uint64_t> capabilities;  ///< a bit for each that it may have; unset: as is
  bool no_new_privileges = false;
  std::string seccomp_filter;       ///< a BPF program; empty: none
  std::uint64_t seccomp_flags = 0;  ///< SECCOMP_FILTER_FLAG_…
  std::string seccomp_profile;      ///< the same as an OCI runtime is told, in an image's container
  std::string app_armor;            ///< a profile that the kernel has; empty: as podvisor's
};

struct SecurityHost {
  CapabilityMask capabilities = 0;  ///< podvisor's own
  bool app_armor = false;           ///< the kernel enforces it
  std::string seccomp_root;         ///< where Localhost profiles are looked for
};

/// The host that podvisor runs on.
[[nodiscard]] SecurityHost this_security_host(std::string seccomp_root);

/// A plain process without `capabilities` keeps podvisor's, like every program that root starts;
/// with them SEC-8 begins at the runtimes' default set. `privileged` takes no filter and no
/// AppArmor profile. The error is a CreateContainerConfigError.
[[nodiscard]] Result<Confinement> confine(const SecurityContext& context, const SecurityHost& host);
/// The same of a container with an image, which begins at the default set in any case; `privileged`
/// gives it all that podvisor has.
[[nodiscard]] Result<Confinement> confine_image(const SecurityContext& context,
                                                const SecurityHost& host);

}  // namespace podvisor
