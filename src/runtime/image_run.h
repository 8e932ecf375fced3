// What a run of a container with an image has beyond a plain process's: its root, its bundle, the
// namespaces that only it has, and what an OCI runtime remembers of it.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "podvisor/pod_state.h"
#include "runtime/adoption/container_record.h"
#include "runtime/image_start.h"
#include "runtime/oci/bundle.h"
#include "runtime/oci/console_socket.h"
#include "runtime/process_spec.h"
#include "runtime/runtime_context.h"
#include "runtime/spawn_request.h"
#include "runtime/volumes/volumes.h"

namespace podvisor {

/// What is left to be removed, off the loop, when such a container has ended or has not come to be.
struct ImageLeavings {
  std::string bundle;                ///< a directory
  std::string layer;                 ///< a directory
  std::vector<std::string> command;  ///< makes the runtime forget it; empty: it knows nothing

  void remove_directories() const;
};

class ImageRun {
 public:
  ImageRun(const RuntimeContext& context, const PodUid& pod, const std::string& name, int instance,
           ReadyImage image);

  /// That of an earlier podvisor's run, whose runtime may still be at it.
  static std::shared_ptr<ImageRun> adopt(const RuntimeContext& context, const Pod& pod,
                                         const ContainerRecord& record);
  [[nodiscard]] const std::string& container() const { return container_; }
  /// What adopt() needs.
  [[nodiscard]] ContainerRecord::OfImage record() const;
  /// Keeps the image from being removed; -1: it needs nobody to. To be kept by pause.
  [[nodiscard]] int lock() const;
  /// The container's pid by what its runtime has left; 0: none yet.
  [[nodiscard]] pid_t left_pid() const;

  /// For make_process_spec(); borrowed.
  void add_to(PodFacts& facts) const;
  /// `pause` holds the pod's namespaces; `cgroup` is empty without cgroups.
  [[nodiscard]] Status make_bundle(const Pod& pod, ContainerIndex container,
                                   const ProcessSpec& process, const Confinement& confinement,
                                   const std::vector<FileMount>& files, pid_t pause,
                                   const std::string& cgroup);
  /// The OCI runtime that starts the container, instead of the container's own process.
  void fill(SpawnRequest& request) const;
  /// It has been sent: the mounts are pause's from now on.
  void sent();
  /// The runtime has ended: the container's pid, or what went wrong.
  [[nodiscard]] Result<pid_t> started(int wait_status) const;
  /// The master of the container's terminal, once it has started; none without one.
  [[nodiscard]] Result<Fd> take_terminal();
  /// The container's process runs.
  void running(pid_t pid);
  void fill_exec(SpawnRequest& request) const;
  /// The signal that the image wants for SIGTERM.
  [[nodiscard]] int stop_signal() const;
  [[nodiscard]] ImageLeavings leavings() const;

 private:
  [[nodiscard]] std::vector<OciNamespace> namespaces(const PodSpec& spec, pid_t pause);
  [[nodiscard]] Result<std::vector<Bundle::Volume>> volumes(const Pod& pod,
                                                            const Container& container,
                                                            const ProcessSpec& process,
                                                            const std::vector<FileMount>& files);
  [[nodiscard]] Status open_console();

  const RuntimeContext& context_;
  std::string container_;
  std::string id_;         ///< among all of the runtime's
  std::string directory_;  ///< the bundle's
  ReadyImage image_;
  std::optional<Bundle> bundle_;
  std::vector<BundleMount> mounts_;
  bool own_pids_ = false;   ///< in a pid namespace of its own
  Fd mounts_ns_, pids_ns_;  ///< once it runs
  bool runtime_ran_ = false;
  std::optional<ConsoleSocket> console_;  ///< with a terminal, until it has started
};

/// What an OCI runtime and its helpers need of podvisor's own environment: "PATH=…".
[[nodiscard]] std::string runtime_environment();

/// "SIGQUIT", "QUIT" or "3"; 0: it says nothing that is a signal. Pure.
[[nodiscard]] int signal_number(const std::string& text);

}  // namespace podvisor
