// Containers in their pod's namespaces and cgroups, children of the pod's pause: without an image
// plain processes on the host's files, with one made by an OCI runtime, which leaves them to pause.
// Loop thread only.
//
// Without cgroups a container's processes are those below its main process and those in its
// session: one that left both before it was looked for lives until its pod's sandbox is removed.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "podvisor/ports/exec_streams.h"
#include "podvisor/ports/runtime.h"
#include "runtime/empty_dir_limits.h"
#include "runtime/oci/oci_runtime.h"
#include "runtime/runtime_context.h"
#include "runtime/sandbox.h"

namespace podvisor {

class ProcessRuntime final : public Runtime,
                             public PodSockets,
                             public Executor,
                             public StreamingExecutor,
                             public UsageReader {
 public:
  /// `cgroups`, `network` and `images` may be null: --cgroups=none, no bridge, plain processes
  /// alone. All references must outlive it. Destroying it leaves every pod running.
  ProcessRuntime(const RuntimeSettings& settings, Loop& loop, EventSink& events,
                 const ConfigSource& configs, CgroupTree* cgroups, Network* network,
                 Images* images = nullptr);
  ~ProcessRuntime() override;

  void make_sandbox(const Pod& pod, int attempt) override;
  void remove_sandbox(const PodUid& pod, int attempt) override;
  void start_container(const Pod& pod, ContainerRef ref) override;
  void signal_container(const PodUid& pod, ContainerRef ref, int signal) override;
  void kill_container(const PodUid& pod, ContainerRef ref) override;
  void adopt_sandbox(const Pod& pod, const PodState& state) override;
  void acknowledge(const PodUid& pod, ContainerRef ref) override;
  void remove_strays(const std::set<PodUid>& known) override;
  void refresh_volumes(const Pod& pod) override;
  void forget_pod(const Pod& pod) override;

  [[nodiscard]] Result<Fd> open_socket(const PodUid& pod, int domain, int type) override;
  [[nodiscard]] std::string address(const PodUid& pod) const override;

  std::uint64_t exec(const PodUid& pod, ContainerRef ref, std::vector<std::string> argv,
                     Duration timeout, Done done) override;
  [[nodiscard]] Result<ExecStreams> follow_exec(const PodUid& pod, ContainerRef ref,
                                                ExecRequest request, Done done) override;
  void cancel(std::uint64_t exec) override;

  [[nodiscard]] std::optional<ContainerUsage> container_usage(const PodUid& pod,
                                                              ContainerIndex container) override;
  [[nodiscard]] std::vector<InterfaceUsage> network_usage(const PodUid& pod) override;

 private:
  struct Refused {
    Done done;
    Error error;
  };

  [[nodiscard]] Sandbox* find(const PodUid& pod) const;
  Sandbox& add_sandbox(const Pod& pod, int attempt);
  void count_oom_kills(const PodUid& pod, Sandbox& sandbox);
  void bury(const PodUid& pod);
  void answer_refused();
  void warn_of_oom_killer();
  void look_around();
  void tidy();

  std::unique_ptr<OciRuntime> oci_;
  StandingMountPoint termination_log_{"/dev/termination-log"};
  LogShare log_share_;
  std::set<PodUid> untidy_;
  RuntimeContext context_;
  bool warned_of_oom_killer_ = false;
  std::map<PodUid, std::unique_ptr<Sandbox>> sandboxes_;
  std::vector<std::unique_ptr<Sandbox>> buried_;  ///< until their callbacks have returned
  Timer burial_timer_;
  /// MET-9: of ended runs, since the pod exists.
  std::map<PodUid, std::map<ContainerIndex, std::int64_t>> oom_kills_;
  std::uint64_t next_exec_;  ///< from the time since boot on: no earlier podvisor has used it
  std::map<std::uint64_t, Refused> refused_;  ///< execs that failed at once, to be answered later
  Timer refusal_timer_;
  EmptyDirLimits empty_dir_limits_;
  Timer look_timer_;  ///< while there is something to look after
};

}  // namespace podvisor
