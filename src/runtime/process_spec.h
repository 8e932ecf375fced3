// From a manifest's container to the process that it is: argv, environment, user, directory. Pure:
// what the host contributes is an argument.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "podvisor/image.h"
#include "podvisor/pod.h"
#include "podvisor/pod_state.h"
#include "podvisor/result.h"
#include "runtime/environment.h"
#include "runtime/oci/image_user.h"
#include "runtime/users.h"

namespace podvisor {

struct ProcessSpec {
  std::vector<std::string> argv;
  std::vector<std::string> env;  ///< NAME=VALUE
  std::string working_directory;
  std::optional<uid_t> uid;  ///< unset: podvisor's own, which is not root
  std::optional<gid_t> gid;
  std::optional<std::vector<gid_t>> groups;
  int oom_score_adj = 0;  ///< RES-6
};

struct ProcessHost {
  uid_t uid = 0;  ///< podvisor's own
  NodeFacts node;
  bool may_mount = false;    ///< CAP_SYS_ADMIN
  bool may_set_ids = false;  ///< CAP_SETUID and CAP_SETGID
  std::function<std::optional<UserRecord>(uid_t)> find_user;
};

/// What a container's process is told about its pod beyond the manifest. `configs` is borrowed.
struct PodFacts {
  const ConfigSource* configs = nullptr;  ///< nullptr: there are no ConfigMaps and no Secrets
  std::string ip;                         ///< empty: the pod has none
  std::string hostname;                   ///< in its UTS namespace; empty: spec.hostname
  /// Of a container with an image; null: a plain process.
  const ImageConfig* image = nullptr;
  /// Who its process is by the image and the manifest, found in the image's own files.
  const ImageUser* image_user = nullptr;
};

/// ENV, EXP, SEC-2 … SEC-4, RES-6. An error is a CreateContainerConfigError (CST-1).
[[nodiscard]] Result<ProcessSpec> make_process_spec(const Pod& pod, ContainerIndex container,
                                                    const ProcessHost& host,
                                                    const PodFacts& facts = {});
/// The host that podvisor runs on. `state_dir`: where disk space is.
[[nodiscard]] ProcessHost this_process_host(const std::string& state_dir);

/// RES-6.
[[nodiscard]] int oom_score_adj(const PodSpec& spec, ContainerIndex container,
                                std::int64_t memory_bytes);

}  // namespace podvisor
