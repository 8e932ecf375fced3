// A seccomp profile, and what becomes of it: a BPF program for the kernel. Blocking, but short.
#pragma once

#include <seccomp.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "podvisor/result.h"
#include "runtime/security/capabilities.h"

namespace podvisor {

struct SeccompRule {
  std::vector<std::string> names;  ///< those that the kernel does not know are passed over
  std::uint32_t action = SCMP_ACT_ALLOW;
  std::vector<scmp_arg_cmp> arguments;  ///< all must hold; two of one index: either
};

struct SeccompProfile {
  std::uint32_t default_action = SCMP_ACT_ERRNO(1);
  std::vector<std::uint32_t> architectures;  ///< besides this machine's own
  std::vector<SeccompRule> rules;
  std::uint64_t flags = 0;  ///< SECCOMP_FILTER_FLAG_…
};

struct SeccompFilter {
  std::string program;
  std::uint64_t flags = 0;
};

/// Calls that came to the kernel after everything that the profile and libseccomp know are answered
/// with ENOSYS where the profile's default is an errno, so that programs use what was before.
[[nodiscard]] Result<SeccompFilter> compile(const SeccompProfile& profile);

/// As linux.seccomp of the OCI runtime specification has it.
[[nodiscard]] std::string to_oci_json(const SeccompProfile& profile);

/// RuntimeDefault: what the usual container runtimes allow a process of these capabilities.
[[nodiscard]] SeccompProfile default_seccomp_profile(CapabilityMask capabilities);

/// Those that make a difference to it.
[[nodiscard]] CapabilityMask seccomp_capabilities();

/// A profile in the JSON of Docker and of the OCI runtime specification. Entries for other
/// architectures and capabilities are passed over. The error says where in it something is wrong.
[[nodiscard]] Result<SeccompProfile> parse_seccomp_profile(std::string_view text,
                                                           CapabilityMask capabilities);

/// The text of the file `path` below the directory `root`, from which no link leads out.
[[nodiscard]] Result<std::string> read_seccomp_profile(const std::string& root,
                                                       const std::string& path);

}  // namespace podvisor
