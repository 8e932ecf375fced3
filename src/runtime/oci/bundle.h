// One container's bundle: the directory that an OCI runtime is pointed at, and what it is told to
// do with it. Blocking, but short.
//
//   DIRECTORY/config.json   the container
//            /rootfs        where its root is moved, in the runtime's own mount namespace
//            /mounts/N      where its volumes are, likewise
//            /pid, /log     what the runtime writes
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "podvisor/fd.h"
#include "podvisor/result.h"
#include "runtime/oci/oci_config.h"

namespace podvisor {

/// A detached mount and where the runtime will find it.
struct BundleMount {
  Fd tree;
  std::string target;
};

class Bundle {
 public:
  /// A volume on its way into the container.
  struct Volume {
    Fd tree;
    OciMount mount;  ///< `source` is filled in
  };
  /// Anew at `directory`, whose parent exists. `container.rootfs` and the volumes' sources are
  /// filled in.
  [[nodiscard]] static Result<Bundle> make(const std::string& directory, std::string id, Fd rootfs,
                                           std::vector<Volume> volumes, OciContainer container);

  /// One that an earlier podvisor has made, whatever is left of it.
  [[nodiscard]] static Bundle existing(const std::string& directory, std::string id) {
    return {directory, std::move(id)};
  }

  /// To be moved in this order before the runtime runs; taken once.
  [[nodiscard]] std::vector<BundleMount> take_mounts() { return std::move(mounts_); }
  /// Starts the container and returns when its process runs, which goes to the reaper. `console`:
  /// the socket for its terminal; empty: none.
  [[nodiscard]] std::vector<std::string> run_command(const std::string& runtime,
                                                     const std::string& state_root,
                                                     const std::string& console = {}) const;
  /// Removes what the runtime remembers of it.
  [[nodiscard]] std::vector<std::string> delete_command(const std::string& runtime,
                                                        const std::string& state_root) const;
  [[nodiscard]] Result<pid_t> read_pid() const;
  /// What the runtime gave as the reason of its failure.
  [[nodiscard]] std::string failure() const;
  void remove() const;

 private:
  Bundle(std::string directory, std::string id)
      : directory_(std::move(directory)), id_(std::move(id)) {}

  std::string directory_;
  std::string id_;
  std::vector<BundleMount> mounts_;
};

/// The last error in a runtime's JSON log. Pure.
[[nodiscard]] std::string last_logged_error(const std::string& log);

}  // namespace podvisor
