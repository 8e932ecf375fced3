#include "runtime/process_runtime.h"

#include <linux/capability.h>

#include <utility>

#include "log/logger.h"
#include "loop/stopped.h"
#include "runtime/adoption/strays.h"
#include "runtime/directories.h"
#include "runtime/volumes/volumes.h"

namespace podvisor {
namespace {

ProcessHost host_for(const RuntimeSettings& settings) {
  ProcessHost host = this_process_host(settings.layout.state_dir);
  if (!settings.node_ip.empty())
    host.node.addresses = [ip = settings.node_ip] { return std::vector<std::string>{ip}; };
  return host;
}

void log_failure(const Status& status) {
  if (!status) log_warning(status.error().message);
}

std::unique_ptr<OciRuntime> make_oci_runtime(const RuntimeSettings& settings, Loop& loop,
                                             CgroupTree* cgroups) {
  const PodUid trial = "trial";

  OciRuntimeSettings oci;
  oci.candidates = settings.oci_runtimes;
  oci.pause_path = settings.pause_path;
  oci.directory = settings.layout.runtime_dir + "/oci";
  if (cgroups != nullptr) {
    oci.cgroups_path = cgroups->runtime_path(trial, "runtime");
    oci.remove_cgroups = [cgroups, trial] { log_failure(cgroups->remove_pod(trial)); };
  }
  return std::make_unique<OciRuntime>(loop, std::move(oci));
}

}  // namespace

ProcessRuntime::ProcessRuntime(const RuntimeSettings& settings, Loop& loop, EventSink& events,
                               const ConfigSource& configs, CgroupTree* cgroups, Network* network,
                               Images* images)
    : oci_(images != nullptr ? make_oci_runtime(settings, loop, cgroups) : nullptr),
      log_share_(loop),
      context_{settings,
               loop,
               events,
               configs,
               cgroups,
               network,
               host_for(settings),
               termination_log_,
               log_share_,
               untidy_,
               this_security_host({}),
               images,
               oci_.get()},
      burial_timer_(loop, [this] { buried_.clear(); }),
      next_exec_(static_cast<std::uint64_t>(loop.now().monotonic.time_since_epoch().count())),
      refusal_timer_(loop, [this] { answer_refused(); }),
      empty_dir_limits_(context_),
      look_timer_(loop, [this] { look_around(); }) {
  look_timer_.keep_loop_running(false);
  const RuntimeSettings& given = context_.settings;
  context_.security.seccomp_root =
      given.seccomp_root.empty() ? given.layout.state_dir + "/seccomp" : given.seccomp_root;
}

ProcessRuntime::~ProcessRuntime() {
  tidy();
  if (!sandboxes_.empty()) termination_log_.leave();
}

void ProcessRuntime::make_sandbox(const Pod& pod, int attempt) {
  const PodUid& uid = pod.metadata.uid;
  if (find(uid) != nullptr) {
    context_.events.post(uid, pod_event::SandboxFailed{
                                  attempt, "the pod's earlier sandbox has not been removed yet"});
    return;
  }
  warn_of_oom_killer();
  add_sandbox(pod, attempt).make(pod);
  empty_dir_limits_.watch(pod);
}

void ProcessRuntime::adopt_sandbox(const Pod& pod, const PodState& state) {
  if (find(pod.metadata.uid) != nullptr) return;
  add_sandbox(pod, state.sandbox_attempt).adopt(pod, state);
  empty_dir_limits_.watch(pod);
}

Sandbox& ProcessRuntime::add_sandbox(const Pod& pod, int attempt) {
  const PodUid& uid = pod.metadata.uid;
  auto& sandbox = sandboxes_[uid];
  sandbox = std::make_unique<Sandbox>(context_, pod, attempt, [this, uid] { bury(uid); });
  if (!look_timer_.active()) look_timer_.start(kStoppedLook);
  return *sandbox;
}

void ProcessRuntime::look_around() {
  for (const auto& [uid, sandbox] : sandboxes_) sandbox->wake_pause();
  tidy();
  if (!sandboxes_.empty() || !untidy_.empty()) look_timer_.start(kStoppedLook);
}

/// A pod that has a sandbox again tidied up itself before it made it.
void ProcessRuntime::tidy() {
  std::erase_if(untidy_, [this](const PodUid& pod) {
    return find(pod) != nullptr ||
           remove_private_directory(context_.settings.layout.pod_runtime_dir(pod));
  });
}

/// NET-2, RES-6: goes without, and says so once.
void ProcessRuntime::warn_of_oom_killer() {
  if ((context_.security.capabilities & capability_bit(CAP_SYS_RESOURCE)) != 0) return;
  if (!std::exchange(warned_of_oom_killer_, true))
    log_warning(
        "pods' pauses and Guaranteed pods are not protected from the OOM killer: lowering "
        "oom_score_adj needs CAP_SYS_RESOURCE, which podvisor does not have");
}

void ProcessRuntime::remove_sandbox(const PodUid& pod, int attempt) {
  Sandbox* sandbox = find(pod);
  if (sandbox == nullptr) {
    context_.events.post(pod, pod_event::SandboxRemoved{attempt});
    return;
  }
  sandbox->remove(attempt);
}

void ProcessRuntime::start_container(const Pod& pod, ContainerRef ref) {
  if (Sandbox* sandbox = find(pod.metadata.uid)) return sandbox->start_container(pod, ref);
  context_.events.post(pod.metadata.uid, pod_event::ContainerStartFailed{ref, "RunContainerError",
                                                                         "the pod has no sandbox"});
}

void ProcessRuntime::signal_container(const PodUid& pod, ContainerRef ref, int signal) {
  if (Sandbox* sandbox = find(pod)) sandbox->signal_container(ref, signal);
}

void ProcessRuntime::kill_container(const PodUid& pod, ContainerRef ref) {
  if (Sandbox* sandbox = find(pod)) sandbox->kill_container(ref);
}

void ProcessRuntime::acknowledge(const PodUid& pod, ContainerRef ref) {
  if (Sandbox* sandbox = find(pod)) sandbox->acknowledge(ref);
}

void ProcessRuntime::remove_strays(const std::set<PodUid>& known) {
  if (oci_) oci_->remove_leavings();
  for (Stray& stray : find_strays(context_.settings.layout, context_.cgroups, known)) {
    log_warning("removing what is left of a pod that nobody knows", {{"uid", stray.pod}});
    auto removal = std::make_shared<const Stray>(std::move(stray));
    run_blocking(
        context_.loop, [removal] { log_failure(removal->remove()); },
        [removal, network = context_.network] {
          if (network != nullptr) network->detach(removal->pod, [] {});
        });
  }
}

void ProcessRuntime::refresh_volumes(const Pod& pod) {
  if (find(pod.metadata.uid) == nullptr) return;
  const Layout& layout = context_.settings.layout;
  const Status refreshed =
      podvisor::refresh_volumes(pod, layout, {context_.configs, context_.host.node});
  if (!refreshed)
    context_.events.post(pod.metadata.uid,
                         pod_event::Noted{true, kFailedMount, refreshed.error().message, {}});
}

/// Deleting files takes its time: on another thread.
void ProcessRuntime::forget_pod(const Pod& pod) {
  oom_kills_.erase(pod.metadata.uid);
  empty_dir_limits_.forget(pod.metadata.uid);
  auto kept = std::make_shared<Pod>(pod);
  const Layout layout = context_.settings.layout;
  run_blocking(
      context_.loop,
      [kept, layout] {
        remove_private_directory(layout.pod_log_dir(kept->metadata));
        if (Status removed = remove_volumes(*kept, layout); !removed) {
          // The rest stays too: somebody's mount may be in there.
          log_warning("cannot remove a pod's volumes",
                      {{"pod", kept->metadata.namespace_ + "/" + kept->metadata.name},
                       {"error", removed.error().message}});
          return;
        }
        remove_pod_state_directory(layout.pod_state_dir(kept->metadata.uid));
      },
      [] {});
}

Result<Fd> ProcessRuntime::open_socket(const PodUid& pod, int domain, int type) {
  const Sandbox* sandbox = find(pod);
  if (sandbox == nullptr) return make_error("the pod has no sandbox");
  return sandbox->open_socket(domain, type);
}

std::string ProcessRuntime::address(const PodUid& pod) const {
  const Sandbox* sandbox = find(pod);
  return sandbox != nullptr ? sandbox->address() : "127.0.0.1";
}

std::uint64_t ProcessRuntime::exec(const PodUid& pod, ContainerRef ref,
                                   std::vector<std::string> argv, Duration timeout, Done done) {
  const std::uint64_t id = kExecIds | next_exec_++;
  Sandbox* sandbox = find(pod);
  const Status started = sandbox != nullptr ? sandbox->exec(id, ref, std::move(argv), timeout, done)
                                            : make_error("the pod has no sandbox");
  if (!started) {
    refused_.emplace(id, Refused{std::move(done), started.error()});
    refusal_timer_.start(Duration(0));
  }
  return id;
}

Result<ExecStreams> ProcessRuntime::follow_exec(const PodUid& pod, ContainerRef ref,
                                                ExecRequest request, Done done) {
  Sandbox* sandbox = find(pod);
  if (sandbox == nullptr) return make_error("the pod has no sandbox");
  return sandbox->follow_exec(kExecIds | next_exec_++, ref, std::move(request), done);
}

void ProcessRuntime::answer_refused() {
  while (!refused_.empty()) {
    auto refused = refused_.extract(refused_.begin());
    ExecOutcome outcome;
    outcome.error = std::move(refused.mapped().error);
    refused.mapped().done(std::move(outcome));
  }
}

void ProcessRuntime::cancel(std::uint64_t exec) {
  if (refused_.erase(exec) != 0) return;
  for (const auto& [uid, sandbox] : sandboxes_)
    if (sandbox->cancel_exec(exec)) return;
}

std::optional<ContainerUsage> ProcessRuntime::container_usage(const PodUid& pod,
                                                              ContainerIndex container) {
  Sandbox* sandbox = find(pod);
  if (sandbox == nullptr) return std::nullopt;
  count_oom_kills(pod, *sandbox);
  auto usage = sandbox->usage(container);
  if (usage && usage->oom_kills) *usage->oom_kills += oom_kills_[pod][container];
  return usage;
}

std::vector<InterfaceUsage> ProcessRuntime::network_usage(const PodUid& pod) {
  const Sandbox* sandbox = find(pod);
  return sandbox == nullptr ? std::vector<InterfaceUsage>{} : sandbox->network_usage();
}

void ProcessRuntime::count_oom_kills(const PodUid& pod, Sandbox& sandbox) {
  for (const auto& [container, kills] : sandbox.take_ended_oom_kills())
    oom_kills_[pod][container] += kills;
}

Sandbox* ProcessRuntime::find(const PodUid& pod) const {
  const auto found = sandboxes_.find(pod);
  return found == sandboxes_.end() ? nullptr : found->second.get();
}

void ProcessRuntime::bury(const PodUid& pod) {
  auto node = sandboxes_.extract(pod);
  count_oom_kills(pod, *node.mapped());
  buried_.push_back(std::move(node.mapped()));
  burial_timer_.start(Duration(0));
}

}  // namespace podvisor
