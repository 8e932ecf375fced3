// What a later podvisor must know of one run of a container that neither pause nor the Pod tells:
// RUNTIME/pods/UID/containers/NAME-INSTANCE.json. It is there before anything is made that would
// have to be removed, and goes last: after the exit was acknowledged and the leavings are gone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "podvisor/pod_state.h"
#include "podvisor/result.h"
#include "runtime/adoption/process_identity.h"
#include "runtime/process_spec.h"

namespace podvisor {

struct ContainerRecord {
  struct OfImage {
    std::string runtime;      ///< the OCI runtime that knows it
    std::string layer;        ///< the directory of what it writes
    std::string stop_signal;  ///< ImageConfig's
  };

  ContainerRef ref;
  std::string name;
  ProcessIdentity process;  ///< its main process; only without cgroups, which know it better
  ProcessSpec spec;         ///< as it was started; execs are started likewise. Without argv
  std::int64_t oom_kills_before = 0;    ///< of earlier runs in its cgroup
  std::int64_t oom_kills_reported = 0;  ///< the counter when a ContainerOomKilled was last posted
  /// Set before the cgroup is removed: nothing of the run is left, and this is how often it was
  /// hit.
  std::optional<std::int64_t> oom_kills_at_end;
  std::optional<OfImage> image;  ///< unset: a plain process
};

/// `directory` is the pod's runtime directory.
[[nodiscard]] Status write_container_record(const std::string& directory,
                                            const ContainerRecord& record);
void remove_container_record(const std::string& directory, const std::string& name, int instance);
/// Those that can be read; about the others podvisor's log says why.
[[nodiscard]] std::vector<ContainerRecord> read_container_records(const std::string& directory);

}  // namespace podvisor
