// What preflight asks the host: a tiny interface, so that its decisions can be tested anywhere.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "runtime/security/capabilities.h"

namespace podvisor {

/// What this process may do here. Gathered once, at start.
struct HostFacts {
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  bool may_make_namespaces = false;                ///< CAP_SYS_ADMIN: namespaces and mounts
  bool may_make_networks = false;                  ///< CAP_NET_ADMIN: interfaces and addresses
  bool may_set_ids = false;                        ///< CAP_SETUID and CAP_SETGID
  CapabilityMask capabilities = 0;                 ///< all of them that podvisor has
  bool app_armor = false;                          ///< the kernel enforces it
  std::optional<std::string> cgroups_unavailable;  ///< why; unset with --cgroups=none
  std::optional<std::string> bridge_unavailable;   ///< why pods cannot have addresses
  std::optional<std::string> images_unavailable;   ///< why; unset: they can be had
  std::vector<std::string> oci_runtimes;           ///< one of them is needed for an image
  std::string path;                                ///< podvisor's own PATH
  /// Ports that podvisor's own pods have on the host's network: whether two pods collide is not
  /// preflight's to say, and a pod's successor may have its ports.
  std::set<std::uint16_t> own_ports;
};

/// The arguments are the errors of open_cgroup_tree() and of the network's own check of the host,
/// where they were tried and failed.
[[nodiscard]] HostFacts gather_host_facts(std::optional<std::string> cgroups_unavailable,
                                          std::optional<std::string> bridge_unavailable);

struct FileFacts {
  mode_t mode = 0;  ///< type and permissions, symlinks followed
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
};

class Host {
 public:
  virtual ~Host() = default;
  /// Nothing when it does not exist or cannot be reached.
  [[nodiscard]] virtual std::optional<FileFacts> file(const std::string& path) const = 0;
  /// Who has the port already, as "ADDRESS:PORT". `address` empty: any. `protocol`: TCP or UDP.
  [[nodiscard]] virtual std::optional<std::string> port_holder(const std::string& protocol,
                                                               const std::string& address,
                                                               std::uint16_t port) const = 0;
};

/// The host that this process runs on.
[[nodiscard]] const Host& this_host();

}  // namespace podvisor
