// What podvisor asks pause to start, and how that becomes one message. Pure.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pause/protocol.h"
#include "podvisor/result.h"
#include "runtime/security/confinement.h"

namespace podvisor {

struct SpawnMount {
  int tree = -1;  ///< a detached mount
  std::string target;
};

/// What a mount namespace of its own is, beyond the mounts in it.
struct FileView {
  bool own = false;  ///< there is one, whatever follows
  bool read_only_root = false;
  bool proc = false;                      ///< a /proc of the pod's pid namespace
  std::vector<std::string> masked_paths;  ///< of that /proc
  std::vector<std::string> read_only_paths;
};

/// All descriptors are borrowed until the request has been encoded and sent.
struct SpawnRequest {
  std::uint64_t id = 0;
  std::vector<std::string> argv;  ///< argv[0] without a slash is looked for in env's PATH
  std::vector<std::string> env;   ///< NAME=VALUE
  std::string working_directory;
  std::optional<uid_t> uid;  ///< unset: as podvisor's own
  std::optional<gid_t> gid;
  std::optional<std::vector<gid_t>> groups;
  Confinement confinement;
  std::optional<int> oom_score_adj;
  std::vector<int> namespaces;  ///< to join, in this order
  int cgroup_directory = -1;
  std::vector<int> cgroup_tasks;
  int stdin_fd = -1;  ///< -1: /dev/null
  int stdout_fd = -1;
  int stderr_fd = -1;
  std::vector<int> kept;           ///< pause holds them until the exit is acknowledged
  std::vector<SpawnMount> mounts;  ///< in a mount namespace of its own
  FileView view;
  bool foster = false;         ///< it leaves a process behind, for PauseClient::adopt()
  bool pid_namespace = false;  ///< one of `namespaces` is a pid namespace
  bool terminal = false;       ///< stdin_fd is one, to be the controlling one
};

struct PauseMessage {
  std::vector<char> bytes;
  std::vector<int> descriptors;  ///< as borrowed as the request's
};

/// For a pause that speaks `version` of the protocol. The error says which limit of it the request
/// is beyond.
[[nodiscard]] Result<PauseMessage> encode_spawn(const SpawnRequest& request,
                                                int version = pause::kProtocolVersion);

}  // namespace podvisor
