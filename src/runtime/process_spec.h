// From a manifest's container to the process that it is: argv, environment, user, directory. Pure:
// what the host contributes is an argument.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "podvisor/pod.h"
#include "podvisor/pod_state.h"
#include "podvisor/result.h"
#include "runtime/users.h"

namespace podvisor {

struct ProcessSpec {
  std::vector<std::string> argv;
  std::vector<std::string> env;  ///< NAME=VALUE
  std::string working_directory;
  std::optional<uid_t> uid;  ///< unset: podvisor's own, which is not root
  std::optional<gid_t> gid;
  std::optional<std::vector<gid_t>> groups;
  bool no_new_privileges = false;  ///< SEC-5
  int oom_score_adj = 0;           ///< RES-6
};

struct ProcessHost {
  uid_t uid = 0;                  ///< podvisor's own
  std::string hostname;           ///< of the node, for pods on its network
  std::int64_t memory_bytes = 0;  ///< capacity
  std::function<std::optional<UserRecord>(uid_t)> find_user;
};

/// ENV, EXP, SEC-2 … SEC-5, RES-6. An error is a CreateContainerConfigError (CST-1).
[[nodiscard]] Result<ProcessSpec> make_process_spec(const Pod& pod, ContainerIndex container,
                                                    const ProcessHost& host);
/// The host that podvisor runs on.
[[nodiscard]] ProcessHost this_process_host();

/// RES-6.
[[nodiscard]] int oom_score_adj(const PodSpec& spec, ContainerIndex container,
                                std::int64_t memory_bytes);

}  // namespace podvisor
