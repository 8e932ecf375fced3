#include "runtime/sandbox.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "log/logger.h"
#include "runtime/adoption/leavings.h"
#include "runtime/directories.h"
#include "runtime/interface_usage.h"
#include "runtime/network_namespace.h"
#include "runtime/pod_files/hostname.h"
#include "runtime/pod_files/termination_log.h"
#include "runtime/security/pod_namespaces.h"
#include "runtime/security/sysctls.h"
#include "runtime/shared_memory.h"
#include "runtime/spawn_failure.h"
#include "runtime/volumes/volumes.h"

namespace podvisor {
Sandbox::Sandbox(const RuntimeContext& context, const Pod& pod, int attempt,
                 std::function<void()> gone)
    : context_(context),
      uid_(pod.metadata.uid),
      pod_name_(pod.metadata.namespace_ + "/" + pod.metadata.name),
      mode_(pod.spec.network),
      attempt_(attempt),
      gone_(std::move(gone)),
      stray_timer_(context.loop, [this] { remove_strays(); }),
      unwanted_timer_(context.loop, [this] { kill_unwanted(); }) {}

// ---- Making -----------------------------------------------------------------------------------

void Sandbox::make(const Pod& pod) {
  if (mode_ == NetworkMode::Bridge && context_.network == nullptr)
    return fail("there is no bridge here; set hostNetwork: true, or podvisor.io/network: none");
  if (has_leavings(context_.settings.layout, uid_)) return clear_and_make(pod);
  make_cleared(pod);
}

/// Of a sandbox that was begun and that nobody knows of.
void Sandbox::clear_and_make(const Pod& pod) {
  remove_leavings([this, pod] {
    if (stage_ == Stage::Making) make_cleared(pod);
  });
}

void Sandbox::make_cleared(const Pod& pod) {
  const Layout& layout = context_.settings.layout;
  if (Status made = make_volumes(pod, layout, {context_.configs, context_.host.node}); !made)
    return fail(made.error().message, kFailedMount);
  if (Status made = make_pause(pod); !made) return fail(made.error().message);
}

/// NET-1.
Status Sandbox::set_namespaces(PauseSettings& settings, const PodSpec& spec) {
  const PodNamespaces own = pod_namespaces(spec);
  settings.network = own.network;
  settings.ipc = own.ipc;
  settings.uts = own.uts;
  settings.pid = own.pid;
  if (settings.uts) settings.hostname = hostname_;
  for (const Sysctl& sysctl : spec.sysctls) {
    if (Status checked = check_sysctl(sysctl, own.network, own.ipc); !checked) return checked;
    sysctls_.push_back(sysctl.name);
    settings.sysctls.push_back(sysctl_path(sysctl.name) + "=" + sysctl.value);
  }
  return {};
}

Status Sandbox::make_pause(const Pod& pod) {
  PauseSettings settings;
  settings.pause_path = context_.settings.pause_path;
  settings.directory = context_.settings.layout.pod_runtime_dir(uid_);
  if (Status made = make_private_directory(settings.directory); !made) return made;
  Fd joined;
  if (mode_ == NetworkMode::Join) {
    joined.reset(open(pod.spec.network_path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!joined)
      return errno_error("cannot open the network namespace " + pod.spec.network_path, errno);
    settings.join_network = joined.get();
  }
  auto hostname = kernel_hostname(pod, context_.settings.cluster_dns.domain);
  if (!hostname) return tl::unexpected(hostname.error());
  hostname_ = std::move(*hostname);
  if (Status set = set_namespaces(settings, pod.spec); !set) return set;
  if (settings.ipc)
    if (Status made = make_shared_memory(settings.directory); !made) return made;
  auto pause = PauseClient::start(context_.loop, settings, *this);
  if (!pause) return tl::unexpected(pause.error());
  pause_ = std::move(*pause);
  pause_gone_ = false;
  return {};
}

void Sandbox::on_ready(std::vector<PauseChild> children) {
  if (stage_ == Stage::Adopting) return adopt_children(std::move(children));
  if (stage_ != Stage::Making) return;
  if (Status joined = join_network(); !joined) return fail(joined.error().message);
  if (Status written = write_record(); !written) return fail(written.error().message);
  stage_ = Stage::Up;
  context_.events.post(uid_, pod_event::SandboxReady{attempt_, pod_ip_});
}

Status Sandbox::join_network() {
  if (mode_ == NetworkMode::Host) return {};
  auto opened = open_network_namespace(pause_->pid());
  if (!opened) return tl::unexpected(opened.error());
  network_namespace_ = std::move(*opened);
  if (mode_ != NetworkMode::Bridge) return {};
  auto address = context_.network->attach(uid_, network_namespace_.get());
  if (!address) return tl::unexpected(address.error());
  attached_ = true;
  pod_ip_ = std::move(*address);
  return {};
}

void Sandbox::on_refused(const SpawnFailure& failure) {
  fail(explain(failure, {}, failure.item < sysctls_.size() ? sysctls_[failure.item] : ""));
}

/// The answer waits until nothing half-made is left.
void Sandbox::fail(const std::string& message, const char* reason) {
  if (stage_ != Stage::Making) return;
  stage_ = Stage::Failing;
  failure_ = message;
  failure_reason_ = reason;
  if (pause_gone_) return finish_failing();
  pause_->kill();
}

void Sandbox::finish_failing() {
  network_namespace_.reset();
  remove_runtime_directory();
  const bool volume = failure_reason_ == kFailedMount;  // says all in its own words
  context_.events.post(
      uid_, pod_event::SandboxFailed{
                attempt_,
                volume ? failure_ : "cannot make the sandbox of pod " + pod_name_ + ": " + failure_,
                failure_reason_});
  leave();
}

// ---- Containers -------------------------------------------------------------------------------

/// Once, and again as long as it fails.
Status Sandbox::make_files(const Pod& pod) {
  if (files_) return {};
  auto files = make_pod_files(pod, pod_ip_, context_.settings.cluster_dns,
                              context_.settings.layout.pod_runtime_dir(uid_));
  if (!files) return tl::unexpected(files.error());
  for (pod_event::Noted& note : files->notes) context_.events.post(uid_, std::move(note));
  const bool images = std::ranges::any_of(
      pod.spec.containers, [](const Container& container) { return !container.image.empty(); });
  if (images) {
    auto own =
        files_without_host(*files, hostname_, context_.settings.layout.pod_runtime_dir(uid_));
    if (!own) return tl::unexpected(own.error());
    image_files_ = std::move(*own);
  }
  files_ = std::move(*files);
  return {};
}

void Sandbox::start_container(const Pod& pod, ContainerRef ref) {
  if (stage_ == Stage::Adopting)
    return adoption_->waiting.push_back([this, pod, ref] { start_container(pod, ref); });
  if (stage_ != Stage::Up)
    return post_start_failed(ref, {"RunContainerError", "the pod's sandbox is not up"});
  if (Status made = make_files(pod); !made)
    return post_start_failed(ref, {"CreateContainerError", made.error().message});
  if (pod.spec.containers[ref.container].image.empty()) return start_instance(pod, ref, nullptr);
  begin_image(pod, ref);
}

void Sandbox::start_instance(const Pod& pod, ContainerRef ref,
                             const std::shared_ptr<ImageRun>& image) {
  const ContainerInstance::Surroundings surroundings{
      {&context_.configs, pod_ip_, hostname_}, image ? image_files_ : *files_, pause_->pid()};
  auto instance = ContainerInstance::make(context_, pod, ref, surroundings, image);
  auto sent = instance ? (*instance)->spawn(*pause_) : tl::unexpected(instance.error());
  if (sent) {
    instances_[pause_id(ref)] = std::move(*instance);
    return;
  }
  if (image) return tidy_failed(image, ref, sent.error());
  forget_run(pod.spec.containers[ref.container].name, ref.instance);
  post_start_failed(ref, sent.error());
}

void Sandbox::post_start_failed(ContainerRef ref, StartFailure failure) {
  context_.events.post(uid_, pod_event::ContainerStartFailed{ref, std::move(failure.reason),
                                                             std::move(failure.message)});
}

void Sandbox::on_spawned(std::uint64_t id, pid_t pid) {
  if (const auto exec = execs_.find(id); exec != execs_.end()) return exec->second->spawned(pid);
  const auto found = instances_.find(id);
  if (found == instances_.end() || found->second->awaits_runtime()) return;
  ContainerInstance& instance = *found->second;
  instance.spawned(pid);
  if (instance.killed()) instance.kill(*pause_);  // when there was nothing yet to be killed
  context_.events.post(uid_, pod_event::ContainerStarted{instance.ref(), pid});
}

void Sandbox::on_spawn_failed(std::uint64_t id, const SpawnFailure& failure) {
  if (const auto exec = take_exec(id)) return exec->spawn_failed(failure);
  const auto found = instances_.find(id);
  if (found == instances_.end()) return;
  const std::unique_ptr<ContainerInstance> instance = std::move(instances_.extract(id).mapped());
  const StartFailure why = instance->spawn_failed(failure);
  if (instance->image())
    tidy_failed(instance->image(), instance->ref(), why);
  else {
    forget_run(instance->name(), instance->ref().instance);
    post_start_failed(instance->ref(), why);
  }
  after_container_end();
}

void Sandbox::on_exited(std::uint64_t id, pid_t, int wait_status) {
  if (stage_ == Stage::Adopting) {
    adoption_->exits[id] = wait_status;
    return;
  }
  if (const auto exec = take_exec(id)) {
    pause_->acknowledge(id);
    return exec->exited(wait_status);
  }
  unwanted_.erase(id);
  const auto found = instances_.find(id);
  if (found == instances_.end()) return pause_->acknowledge(id);
  if (found->second->awaits_runtime()) return on_runtime_ended(id, wait_status);
  kill_execs_of(found->second->ref());
  found->second->main_exited(pause_->pid(), wait_status, [this, id] { conclude(id); });
}

/// Until acknowledge() the exit can be learnt again, by whoever comes next.
void Sandbox::conclude(std::uint64_t id) {
  const std::unique_ptr<ContainerInstance> instance = std::move(instances_.extract(id).mapped());
  ended_oom_kills_[instance->ref().container] += instance->oom_kills();
  const pod_event::ContainerExited exited = instance->conclude();
  ended_[id] = {instance->ref(), instance->name(), false, !instance->image()};
  if (instance->image())
    tidy(instance->image(), [this, id] {
      ended_[id].tidied = true;
      settle(id);
    });
  if (stage_ == Stage::Up || (stage_ == Stage::Removing && !pause_gone_))
    context_.events.post(uid_, exited);
  after_container_end();
}

void Sandbox::acknowledge(ContainerRef ref) {
  const std::uint64_t id = pause_id(ref);
  const auto found = ended_.find(id);
  if (found == ended_.end()) return;
  if (!pause_gone_) pause_->acknowledge(id);
  found->second.acknowledged = true;
  settle(id);
}

void Sandbox::settle(std::uint64_t id) {
  const EndedRun& ended = ended_.at(id);
  if (!ended.acknowledged || !ended.tidied) return;
  forget_run(ended.container, ended.ref.instance);
  ended_.erase(id);
}

/// Nothing is left of it, and whoever has to know of it does.
void Sandbox::forget_run(const std::string& container, int instance) {
  const std::string directory = context_.settings.layout.pod_runtime_dir(uid_);
  remove_container_record(directory, container, instance);
  ::unlink(termination_log_path(directory, container, instance).c_str());
}

void Sandbox::signal_container(ContainerRef ref, int signal) {
  if (stage_ == Stage::Adopting)
    return adoption_->waiting.push_back([this, ref, signal] { signal_container(ref, signal); });
  const ContainerInstance* instance = find(ref);
  if (instance != nullptr && !pause_gone_) instance->signal(*pause_, signal);
}

/// What its containers do is heard of through it alone.
void Sandbox::wake_pause() {
  if (pause_ && !pause_gone_ && pause_->wake())
    log_warning("somebody has stopped podvisor-pause; it goes on",
                {{"pod", pod_name_}, {"pid", pause_->pid()}});
}

void Sandbox::kill_container(ContainerRef ref) {
  if (stage_ == Stage::Adopting)
    return adoption_->waiting.push_back([this, ref] { kill_container(ref); });
  if (image_starts_.erase(pause_id(ref)) != 0)
    return post_start_failed(ref, {"RunContainerError", "it was stopped before it had started"});
  ContainerInstance* instance = find(ref);
  if (instance != nullptr && !pause_gone_) instance->kill(*pause_);
}

ContainerInstance* Sandbox::find(ContainerRef ref) const {
  const auto found = instances_.find(pause_id(ref));
  return found == instances_.end() ? nullptr : found->second.get();
}

std::optional<ContainerUsage> Sandbox::usage(ContainerIndex container) const {
  for (const auto& [id, instance] : instances_) {
    if (instance->ref().container != container) continue;
    auto usage = instance->usage();
    if (usage) usage->oom_kills = instance->oom_kills();
    return usage;
  }
  return std::nullopt;
}

std::vector<InterfaceUsage> Sandbox::network_usage() const {
  if (!network_namespace_ || pause_gone_) return {};
  return interface_usage_of(pause_->pid());
}

std::map<ContainerIndex, std::int64_t> Sandbox::take_ended_oom_kills() {
  return std::exchange(ended_oom_kills_, {});
}

// ---- Execs and sockets ------------------------------------------------------------------------

Status Sandbox::exec(std::uint64_t id, ContainerRef ref, std::vector<std::string> argv,
                     Duration timeout, Executor::Done& done) {
  const ContainerInstance* instance = find(ref);
  if (pause_gone_ || instance == nullptr) return make_error("the container is not running");
  if (Status may = instance->may_exec(); !may) return may;
  auto exec = std::make_unique<Exec>(context_.loop, id);
  if (Status started = exec->start(*pause_, *instance, std::move(argv), timeout, done); !started)
    return started;
  execs_[id] = std::move(exec);
  return {};
}

Result<ExecStreams> Sandbox::follow_exec(std::uint64_t id, ContainerRef ref, ExecRequest request,
                                         Executor::Done& done) {
  const ContainerInstance* instance = find(ref);
  if (pause_gone_ || instance == nullptr) return make_error("the container is not running");
  if (Status may = instance->may_exec(); !may) return tl::unexpected(may.error());
  auto exec = std::make_unique<Exec>(context_.loop, id);
  auto streams = exec->follow(*pause_, *instance, std::move(request), done);
  if (streams) execs_[id] = std::move(exec);
  return streams;
}

bool Sandbox::cancel_exec(std::uint64_t id) {
  const auto found = execs_.find(id);
  if (found == execs_.end()) return false;
  found->second->cancel();
  return true;
}

/// They are in the container's cgroup, where there is one, and go with it.
void Sandbox::kill_execs_of(ContainerRef ref) {
  if (context_.cgroups != nullptr) return;
  for (const auto& [id, exec] : execs_)
    if (exec->ref() == ref) exec->kill();
}

std::unique_ptr<Exec> Sandbox::take_exec(std::uint64_t id) {
  auto node = execs_.extract(id);
  return node ? std::move(node.mapped()) : nullptr;
}

Result<Fd> Sandbox::open_socket(int domain, int type) const {
  if (mode_ == NetworkMode::Host) return make_socket(domain, type);
  if (!network_namespace_) return make_error("pod " + pod_name_ + " has no network namespace yet");
  return make_socket_in(network_namespace_.get(), domain, type);
}

/// OPN-3.
std::string Sandbox::address() const { return pod_ip_.empty() ? "127.0.0.1" : pod_ip_; }

}  // namespace podvisor
