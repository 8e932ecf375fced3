// Every real part of podvisor, built in order and wired together: the one place where the rooms
// meet. What is decided stays in core, what is carried out in the rooms; nothing else is here.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/api_server.h"
#include "daemon/change_hook.h"
#include "daemon/deployments.h"
#include "daemon/host_door.h"
#include "daemon/host_node.h"
#include "daemon/intake.h"
#include "daemon/metrics_observer.h"
#include "daemon/options.h"
#include "daemon/supervisor.h"
#include "daemon/to_disk.h"
#include "daemon/traffic_control.h"
#include "daemon/unwritten.h"
#include "images/image_service.h"
#include "loop/loop.h"
#include "manifest/manifest.h"
#include "metrics/metrics.h"
#include "network/bridge_network.h"
#include "podvisor/fd.h"
#include "podvisor/object_store.h"
#include "probes/hook_runner.h"
#include "probes/probe_runner.h"
#include "runtime/cgroup/cgroup.h"
#include "runtime/process_runtime.h"
#include "state/state_directory.h"

namespace podvisor {

class Daemon {
 public:
  /// Locks the state directory, listens, finds out what this host can give, and goes on with what
  /// an earlier podvisor has left. No pod is made.
  /// `passed`: listening sockets that an earlier podvisor had, for the door.
  [[nodiscard]] static Result<std::unique_ptr<Daemon>> open(const DaemonOptions& options,
                                                            std::vector<Fd> passed = {});
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  [[nodiscard]] Loop& loop() { return loop_; }
  [[nodiscard]] ObjectStore& store() { return store_; }
  [[nodiscard]] Supervisor& supervisor() { return *supervisor_; }
  [[nodiscard]] Deployments& deployments() { return *deployments_; }
  /// No pod is left, and nobody makes another.
  [[nodiscard]] bool is_done() const;
  /// What the door listens on, by name; borrowed.
  [[nodiscard]] std::map<std::string, int> door_sockets() const { return door_->sockets(); }
  [[nodiscard]] StateDirectory& journal() { return *journal_; }
  [[nodiscard]] LoadOptions load_options() const;
  /// What the manifests asked for when podvisor ended; nothing if it has none left.
  [[nodiscard]] const std::vector<SourceRecord>& last_sources() const { return last_sources_; }
  /// Of a document that was accepted once.
  [[nodiscard]] LoadResult load_kept(const std::string& document) const;
  /// Pulls under way.
  [[nodiscard]] std::vector<PullProgress> pulls() const;

  /// What keeps this pod from running on this host; empty: nothing that is known. Starts nothing.
  [[nodiscard]] std::vector<Diagnostic> check(const LoadedPod& loaded) const;
  [[nodiscard]] std::vector<Diagnostic> check(const Loaded<Service>& loaded) const;
  /// After what time that may be otherwise, as a kubelet looks again (ORD-10).
  [[nodiscard]] Duration host_retry() const;
  [[nodiscard]] std::vector<Diagnostic> check(const Loaded<Deployment>& loaded) const;
  /// Makes it run, or replaces the one of its name.
  void apply(const LoadedPod& loaded);
  /// Makes it what pods read from now on. A change that it does not admit (it is immutable) is
  /// refused with an event, and the former one stays.
  void apply(const Loaded<ConfigObject>& loaded);
  /// Its ports are listened on from now on.
  void apply(const Loaded<Service>& loaded);
  /// Its pods are made, or replaced by others.
  void apply(const Loaded<Deployment>& loaded) { deployments_->apply(*loaded.object); }

 private:
  explicit Daemon(DaemonOptions options);
  [[nodiscard]] Deployments::Edge deployments_edge();
  [[nodiscard]] Status listen();
  [[nodiscard]] Status open_node();
  void open_cgroups();
  void open_network();
  void open_images();
  void open_door();
  [[nodiscard]] Result<Fd> listen_for(const std::string& address, std::uint16_t port) const;
  // restore.cc
  [[nodiscard]] Status restore();
  void resume();
  /// Returns the Deployments, which are to come after their pods.
  using KeptDeployment = std::pair<Deployment, ObjectRecord>;
  [[nodiscard]] std::vector<KeptDeployment> restore_objects(
      const std::vector<ObjectRecord>& records);
  void restore_pods(std::vector<KeptPod> pods, const std::vector<RolloutRecord>& rollouts);
  void restore_pod(std::shared_ptr<const Pod> pod, KeptPod kept, bool beside);
  [[nodiscard]] std::shared_ptr<const Pod> pod_of(const std::string& document) const;
  [[nodiscard]] std::shared_ptr<const Pod> pod_of(const KeptPod& kept,
                                                  const std::vector<RolloutRecord>& names) const;
  void name_node();
  void write_objects_down();
  void say_lost(const PodUid& uid, const Pod* pod, const std::string& message);
  [[nodiscard]] std::string metrics_page() const;
  void leave_nothing();

  DaemonOptions options_;
  Fd state_lock_;
  Loop loop_;
  std::vector<Fd> passed_;
  Timer passed_timer_{loop_, [this] { passed_.clear(); }};
  ObjectStore store_;
  std::unique_ptr<HostNode> node_;
  bool has_address_ = false;  ///< the node
  std::unique_ptr<CgroupTree> cgroups_;
  std::optional<std::string> cgroups_unavailable_;
  std::unique_ptr<BridgeNetwork> network_;
  std::optional<std::string> network_unavailable_;
  std::unique_ptr<ImageService> images_;
  std::optional<std::string> images_unavailable_;
  Metrics metrics_;
  MetricsObserver observer_;
  Intake intake_{*this};
  ToDisk to_disk_{loop_};
  std::unique_ptr<StateDirectory> journal_;
  std::unique_ptr<Unwritten> unwritten_;
  std::vector<SourceRecord> last_sources_;
  std::vector<Kept::Trouble> troubles_;
  std::unique_ptr<Supervisor> supervisor_;
  std::unique_ptr<Deployments> deployments_;
  std::unique_ptr<ProcessRuntime> runtime_;
  std::unique_ptr<ProbeRunner> prober_;
  std::unique_ptr<LifecycleHooks> hooks_;
  std::unique_ptr<HostDoor> door_;
  std::unique_ptr<ChangeHook> change_hook_;
  std::unique_ptr<TrafficControl> traffic_;
  std::unique_ptr<ApiServer> api_;
};

}  // namespace podvisor
