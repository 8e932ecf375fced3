// What a later podvisor finds a pod's sandbox again by: RUNTIME/pods/UID/sandbox.json.
#pragma once

#include <string>

#include "podvisor/result.h"
#include "runtime/adoption/process_identity.h"

namespace podvisor {

struct SandboxRecord {
  int attempt = 0;
  std::string boot;
  ProcessIdentity pause;
  pid_t listener = 0;  ///< the podvisor that made pause's socket, whom SO_PEERCRED names for ever
  std::string network_namespace;  ///< namespace_name() of pause's
  std::string pod_ip;
  std::string hostname;   ///< in its UTS namespace
  bool attached = false;  ///< to the bridge
  friend bool operator==(const SandboxRecord&, const SandboxRecord&) = default;
};

[[nodiscard]] Status write_sandbox_record(const std::string& directory,
                                          const SandboxRecord& record);
/// The error's errno is ENOENT where there is none.
[[nodiscard]] Result<SandboxRecord> read_sandbox_record(const std::string& directory);

}  // namespace podvisor
