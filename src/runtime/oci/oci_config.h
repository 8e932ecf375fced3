// The config.json of a container's bundle, as the OCI runtime specification (1.0.2) has it and as
// containerd fills it for a pod's container. Pure.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/oci/host_devices.h"
#include "runtime/process_spec.h"

namespace podvisor {

/// Something that appears at `target` in the container.
struct OciMount {
  std::string source;  ///< a file or directory, as the runtime sees it
  std::string target;
  bool read_only = false;
  std::string propagation = "rprivate";  ///< or rslave, rshared (VOL-13)
};

/// A namespace that is joined; an empty path: made for the container.
struct OciNamespace {
  std::string type;  ///< "network", "ipc", "uts", "pid", "mount", "cgroup"
  std::string path;
};

struct OciContainer {
  ProcessSpec process;
  bool terminal = false;
  std::vector<std::string> capabilities;  ///< "CAP_CHOWN"; bounding, permitted, effective
  bool no_new_privileges = false;
  std::string seccomp;  ///< JSON of linux.seccomp; empty: none
  std::string app_armor;
  std::string rootfs;
  bool read_only_root = false;
  bool privileged = false;         ///< nothing masked, every device may be used
  std::vector<OciDevice> devices;  ///< nodes in /dev besides the usual ones
  bool own_network = true;         ///< sysfs shows it; without it /sys is the host's, bound
  std::vector<OciNamespace> namespaces;
  std::vector<OciMount> mounts;  ///< besides proc, sys, dev and what belongs to them
  std::string shared_memory;     ///< the pod's /dev/shm on the host; empty: one of its own
  std::string cgroups_path;      ///< empty: none
};

[[nodiscard]] std::string oci_config(const OciContainer& container);

/// SEC-7. `cpus`: those whose thermal throttling the host shows.
[[nodiscard]] std::vector<std::string> masked_paths(const std::vector<int>& cpus);
[[nodiscard]] std::vector<std::string> read_only_paths();

}  // namespace podvisor
