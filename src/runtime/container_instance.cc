#include "runtime/container_instance.h"

#include <fcntl.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <iterator>

#include "log/logger.h"
#include "runtime/file_view.h"
#include "runtime/pod_files/termination_log.h"
#include "runtime/process_tree.h"
#include "runtime/spawn_failure.h"
#include "runtime/volumes/sub_path.h"

namespace podvisor {
namespace {

constexpr Duration kFirstSweep = std::chrono::milliseconds(1);
constexpr Duration kSlowestSweep = std::chrono::milliseconds(50);
/// How long an OOM kill's victim may take to be seen exiting, before it is called a child.
constexpr Duration kOomSettles = std::chrono::milliseconds(50);

constexpr const char* kConfigError = "CreateContainerConfigError";
constexpr const char* kCreateError = "CreateContainerError";
constexpr const char* kRunError = "RunContainerError";

tl::unexpected<StartFailure> refuse(const char* reason, const Error& error) {
  return tl::unexpected<StartFailure>(StartFailure{reason, error.message});
}

struct Pipe {
  Fd read;
  Fd write;
};

Result<Pipe> make_pipe() {
  int fds[2];
  if (pipe2(fds, O_CLOEXEC) != 0) return errno_error("cannot make a pipe", errno);
  return Pipe{Fd(fds[0]), Fd(fds[1])};
}

Fd duplicate(const Fd& fd) { return Fd(fcntl(fd.get(), F_DUPFD_CLOEXEC, 0)); }

}  // namespace

std::uint64_t pause_id(ContainerRef ref) {
  return static_cast<std::uint64_t>(ref.container) << 32U |
         static_cast<std::uint32_t>(ref.instance);
}

/// What an OCI runtime removes of a run that is over is not to be the next one's.
std::string cgroup_name(const std::string& container, int instance, bool image) {
  return image ? container + "-" + std::to_string(instance) : container;
}

ContainerInstance::ContainerInstance(const RuntimeContext& context, const Pod& pod,
                                     ContainerRef ref)
    : context_(context),
      uid_(pod.metadata.uid),
      ref_(ref),
      name_(pod.spec.containers[ref.container].name),
      sweep_delay_(kFirstSweep),
      sweep_timer_(context.loop, [this] { sweep(); }),
      oom_timer_(context.loop, [this] { report_oom(); }) {}

StartResult<std::unique_ptr<ContainerInstance>> ContainerInstance::make(
    const RuntimeContext& context, const Pod& pod, ContainerRef ref,
    const Surroundings& surroundings, std::shared_ptr<ImageRun> image) {
  std::unique_ptr<ContainerInstance> instance(new ContainerInstance(context, pod, ref));
  instance->image_ = std::move(image);
  if (auto prepared = instance->prepare(pod, surroundings); !prepared) {
    static_cast<void>(instance->remove_cgroup());
    return tl::unexpected(prepared.error());
  }
  return instance;
}

StartResult<void> ContainerInstance::prepare(const Pod& pod, const Surroundings& surroundings) {
  const Container& container = pod.spec.containers[ref_.container];
  PodFacts facts = surroundings.facts;
  if (image_) image_->add_to(facts);
  auto spec = make_process_spec(pod, ref_.container, context_.host, facts);
  if (!spec) return refuse(kConfigError, spec.error());
  spec_ = std::move(*spec);
  auto confinement = image_ ? confine_image(container.security_context, context_.security)
                            : confine(container.security_context, context_.security);
  if (!confinement) return refuse(kConfigError, confinement.error());
  confinement_ = std::move(*confinement);
  message_from_logs_ = container.termination_message_from_logs;
  auto mounted =
      image_ ? prepare_bundle(pod, surroundings) : prepare_mounts(pod, surroundings.files);
  if (!mounted) return mounted;
  if (auto entered = enter_cgroup(pod); !entered) return entered;
  record_ = {.ref = ref_,
             .name = name_,
             .spec = spec_,
             .oom_kills_before = record_.oom_kills_before,
             .oom_kills_reported = record_.oom_kills_before};
  if (image_) record_.image = image_->record();
  if (Status written = write_record(); !written) return refuse(kCreateError, written.error());
  if (auto opened = open_stdin(container); !opened) return opened;
  return open_log(pod);
}

std::string ContainerInstance::own_cgroup() const {
  return cgroup_name(name_, ref_.instance, image_ != nullptr);
}

Status ContainerInstance::write_record() const {
  return write_container_record(context_.settings.layout.pod_runtime_dir(uid_), record_);
}

/// What it has in place of the host's or the image's files.
Result<std::vector<FileMount>> ContainerInstance::own_files(const Container& container,
                                                            const PodFiles& files) {
  std::vector<FileMount> own;
  if (!files.hosts.empty()) own.push_back({files.hosts, "/etc/hosts"});
  if (!files.resolv_conf.empty()) own.push_back({files.resolv_conf, "/etc/resolv.conf"});
  if (!files.hostname.empty()) own.push_back({files.hostname, "/etc/hostname"});
  if (Status added = add_termination_log(container, own); !added)
    return tl::unexpected(added.error());
  return own;
}

/// Volumes last: they may be on what the others show.
StartResult<void> ContainerInstance::prepare_mounts(const Pod& pod, const PodFiles& files) {
  view_ = file_view(pod.spec, ref_.container);
  auto base = base_mounts(pod, ref_.container, context_.settings.layout);
  if (!base) return refuse(kCreateError, base.error());
  mounts_ = std::move(*base);
  const Container& container = pod.spec.containers[ref_.container];
  const auto own = own_files(container, files);
  if (!own) return refuse(kCreateError, own.error());
  auto wanted = with_sub_paths(container.volume_mounts, spec_.env);
  if (!wanted) return refuse(kConfigError, wanted.error());
  auto mounts = container_mounts(pod, std::move(*wanted), context_.settings.layout, *own);
  if (!mounts) return refuse(kCreateError, mounts.error());
  std::move(mounts->begin(), mounts->end(), std::back_inserter(mounts_));
  return {};
}

StartResult<void> ContainerInstance::prepare_bundle(const Pod& pod,
                                                    const Surroundings& surroundings) {
  const Container& container = pod.spec.containers[ref_.container];
  const auto own = own_files(container, surroundings.files);
  if (!own) return refuse(kCreateError, own.error());
  std::string cgroup;
  if (context_.cgroups != nullptr) cgroup = context_.cgroups->runtime_path(uid_, own_cgroup());
  if (Status made = image_->make_bundle(pod, ref_.container, spec_, confinement_, *own,
                                        surroundings.pause, cgroup);
      !made)
    return refuse(kCreateError, made.error());
  if (container.lifecycle.stop_signal == 0) stop_signal_ = image_->stop_signal();
  return {};
}

/// MSG-1. Not worth a privilege that nothing else needs. The usual place is asked for by nobody: a
/// host that cannot have it there runs its containers without.
Status ContainerInstance::add_termination_log(const Container& container,
                                              std::vector<FileMount>& files) {
  const std::string& path = container.termination_message_path;
  if (path.empty() || !context_.host.may_mount) return {};
  const bool usual = !image_ && path == context_.termination_log.path();
  if (usual) {
    if (Status held = context_.termination_log.hold(); !held) {
      log_warning("containers have no termination log", {{"error", held.error().message}});
      return {};
    }
  }
  auto file =
      make_termination_log(context_.settings.layout.pod_runtime_dir(uid_), name_, ref_.instance);
  if (!file) return tl::unexpected(file.error());
  termination_log_ = std::move(*file);
  files.push_back({termination_log_, path, usual});
  return {};
}

StartResult<void> ContainerInstance::enter_cgroup(const Pod& pod) {
  if (context_.cgroups == nullptr) return {};
  const Container& container = pod.spec.containers[ref_.container];
  auto cgroup = context_.cgroups->make(uid_, own_cgroup(),
                                       cgroup_limits(container.resources, pod.spec.pids_limit));
  if (!cgroup) return refuse(kCreateError, cgroup.error());
  cgroup_ = std::move(*cgroup);
  record_.oom_kills_before = record_.oom_kills_reported = cgroup_->oom_kills();
  if (Status watched = cgroup_->watch_oom(context_.loop, [this] { on_oom(); }); !watched)
    return refuse(kCreateError, watched.error());
  return {};
}

/// `stdin: true`: nobody writes, and nobody closes it either while the container lives.
StartResult<void> ContainerInstance::open_stdin(const Container& container) {
  if (!container.stdin) return {};
  auto in = make_pipe();
  if (!in) return refuse(kCreateError, in.error());
  stdin_read_ = std::move(in->read);
  stdin_kept_ = std::move(in->write);
  return {};
}

StartResult<void> ContainerInstance::open_log(const Pod& pod) {
  auto out = make_pipe();
  auto err = make_pipe();
  if (!out || !err) return refuse(kCreateError, out ? err.error() : out.error());
  stdout_kept_ = duplicate(out->read);
  stderr_kept_ = duplicate(err->read);
  if (!stdout_kept_ || !stderr_kept_)
    return refuse(kCreateError, errno_error("cannot keep the log pipes", errno).value());
  stdout_write_ = std::move(out->write);
  stderr_write_ = std::move(err->write);
  log_file_ = context_.settings.layout.log_file(pod.metadata, name_, ref_.instance);
  auto carry = LogCarry::make();
  if (!carry) return refuse(kCreateError, carry.error());
  log_memory_ = (*carry)->memory();
  auto log =
      ContainerLog::open(context_.loop, context_.log_share, log_file_, std::move(out->read),
                         std::move(err->read), context_.settings.log_rotation, std::move(*carry));
  if (!log) return refuse(kCreateError, log.error());
  log_ = std::move(*log);
  return {};
}

void ContainerInstance::set_place(SpawnRequest& request) const {
  request.env = spec_.env;
  request.working_directory = spec_.working_directory;
  request.uid = spec_.uid;
  request.gid = spec_.gid;
  request.groups = spec_.groups;
  request.confinement = confinement_;
  request.oom_score_adj = spec_.oom_score_adj;
  if (!cgroup_) return;
  CgroupEntry entry = cgroup_->entry();
  request.cgroup_directory = entry.directory;
  request.cgroup_tasks = std::move(entry.tasks);
  for (const Fd& tasks : runtime_tasks_) request.cgroup_tasks.push_back(tasks.get());
}

StartResult<void> ContainerInstance::spawn(PauseClient& pause) {
  SpawnRequest request;
  request.id = pause_id(ref_);
  if (image_) {
    image_->fill(request);
  } else {
    request.argv = spec_.argv;
    set_place(request);
    request.view = view_;
    for (const Mount& mount : mounts_) request.mounts.push_back({mount.tree.get(), mount.target});
  }
  if (stdin_read_) request.stdin_fd = stdin_read_.get();
  request.stdout_fd = stdout_write_.get();
  request.stderr_fd = stderr_write_.get();
  request.kept = {stdout_kept_.get(), stderr_kept_.get()};
  if (stdin_kept_) request.kept.push_back(stdin_kept_.get());
  if (image_ && image_->lock() >= 0) request.kept.push_back(image_->lock());
  if (request.kept.size() < pause.max_kept()) request.kept.push_back(log_memory_.get());
  if (Status sent = pause.spawn(request); !sent) {
    static_cast<void>(remove_cgroup());
    return refuse(kRunError, sent.error());
  }
  pause_ = pause.pid();
  awaits_runtime_ = image_ != nullptr;
  if (image_) image_->sent();
  for (Fd* fd : {&stdout_write_, &stderr_write_, &stdout_kept_, &stderr_kept_, &stdin_read_,
                 &stdin_kept_, &log_memory_})
    fd->reset();
  return {};
}

StartResult<pid_t> ContainerInstance::runtime_ended(int wait_status) {
  awaits_runtime_ = false;
  const Result<pid_t> pid = image_->started(wait_status);
  if (!pid) return refuse(kRunError, pid.error());
  auto terminal = image_->take_terminal();
  if (!terminal) return refuse(kRunError, terminal.error());
  if (*terminal && log_) log_->follow_terminal(std::move(*terminal));
  return *pid;
}

void ContainerInstance::spawned(pid_t pid) {
  pid_ = pid;
  stage_ = Stage::Running;
  if (context_.cgroups == nullptr) note_process();
  if (image_) {
    if (cgroup_) runtime_tasks_ = context_.cgroups->runtime_tasks(uid_, own_cgroup());
    return image_->running(pid);
  }
  if (!mounts_.empty() || view_.own) open_mount_namespace();
  for (Mount& mount : mounts_) mount.tree.reset();
}

void ContainerInstance::note_process() {
  record_.process = identify(pid_);
  if (Status written = write_record(); !written) log_warning(written.error().message);
}

/// Gone already if this fails: then there is nothing to run anything in either.
void ContainerInstance::open_mount_namespace() {
  const std::string path = "/proc/" + std::to_string(pid_) + "/ns/mnt";
  mount_namespace_.reset(open(path.c_str(), O_RDONLY | O_CLOEXEC));
}

StartFailure ContainerInstance::spawn_failed(const SpawnFailure& failure) {
  const std::string mount_path =
      failure.item < mounts_.size() ? mounts_[failure.item].target : std::string();
  static_cast<void>(remove_cgroup());
  return {kRunError, explain(failure, spec_, mount_path)};
}

void ContainerInstance::signal(PauseClient& pause, int signal) const {
  const bool by_image = signal == SIGTERM && stop_signal_ != 0;
  if (stage_ != Stage::Ending) pause.signal(pause_id(ref_), by_image ? stop_signal_ : signal);
}

void ContainerInstance::kill(PauseClient& pause) {
  // The tree first: without its main process it could not be told from others' any more. A spawn
  // that is still on its way is overtaken by nothing but a message behind it.
  killed_ = stage_ == Stage::Starting;
  if (!killed_ || image_) kill_rest();
  signal(pause, SIGKILL);
}

void ContainerInstance::main_exited(pid_t pause, int wait_status, std::function<void()> ended) {
  stage_ = Stage::Ending;
  pause_ = pause;
  wait_status_ = wait_status;
  ended_ = std::move(ended);
  oom_timer_.stop();
  if (record_.oom_kills_at_end) return ended_();  // an earlier podvisor has seen to it
  sweep();
}

void ContainerInstance::abandon(std::function<void()> ended) {
  if (stage_ == Stage::Ending) {  // a sweep is under way, and goes on
    pause_ = 0;
    ended_ = std::move(ended);
    return;
  }
  main_exited(0, SIGKILL, std::move(ended));
}

/// Without a notification of emptiness (v1) the cgroup is looked at again and again.
void ContainerInstance::sweep() {
  if (!kill_rest()) {
    note_end();
    if (remove_cgroup()) return ended_();
  }
  sweep_timer_.start(sweep_delay_);
  sweep_delay_ = std::min(2 * sweep_delay_, kSlowestSweep);
}

/// Before the cgroup goes, and with it what it knows: until the exit has been acknowledged a later
/// podvisor may have to tell of it.
void ContainerInstance::note_end() {
  record_.oom_kills_at_end = oom_kills();
  if (Status written = write_record(); !written) log_warning(written.error().message);
}

/// False: there is nothing left to kill.
bool ContainerInstance::kill_rest() {
  if (cgroup_) {
    if (cgroup_->empty()) return false;
    cgroup_->kill_all();
    return true;
  }
  if (pid_ == 0) return false;
  return pause_ != 0 ? kill_tree(pause_, pid_) : kill_tree(pid_);
}

/// False: something has come in at the last moment, such as an exec that was being spawned while
/// pause ended.
bool ContainerInstance::remove_cgroup() {
  if (!cgroup_) return true;
  const Status removed = cgroup_->remove();
  if (!removed && removed.error().error_number == EBUSY) return false;
  if (!removed)
    log_warning("a container's cgroup stays for now; its next run reuses it",
                {{"pod", uid_}, {"container", name_}, {"error", removed.error().message}});
  cgroup_.reset();
  return true;
}

pod_event::ContainerExited ContainerInstance::conclude() {
  if (log_) log_->drain();
  pod_event::ContainerExited exited;
  exited.ref = ref_;
  exited.signal = WIFSIGNALED(wait_status_) ? WTERMSIG(wait_status_) : 0;
  exited.exit_code = exited.signal != 0 ? 128 + exited.signal : WEXITSTATUS(wait_status_);
  exited.oom_kills = oom_kills();
  exited.message = termination_message(exited.exit_code);
  return exited;
}

/// MSG-2, MSG-3.
std::string ContainerInstance::termination_message(int exit_code) {
  std::string message;
  if (!termination_log_.empty()) message = read_termination_message(termination_log_);
  if (!message.empty() || !message_from_logs_ || exit_code == 0) return message;
  log_.reset();  // writes what came of an unfinished line
  return log_message(log_file_);
}

Status ContainerInstance::may_exec() const {
  if (stage_ != Stage::Running) return make_error("the container is not running");
  return no_exec_ ? tl::unexpected(*no_exec_) : Status{};
}

SpawnRequest ContainerInstance::exec_request(std::uint64_t id,
                                             std::vector<std::string> argv) const {
  SpawnRequest request;
  request.id = id;
  request.argv = std::move(argv);
  set_place(request);
  if (image_) image_->fill_exec(request);
  if (mount_namespace_) request.namespaces.push_back(mount_namespace_.get());
  return request;
}

std::optional<ContainerUsage> ContainerInstance::usage() const {
  if (!cgroup_ || stage_ == Stage::Starting) return std::nullopt;
  return cgroup_->usage();
}

std::int64_t ContainerInstance::oom_kills() const {
  if (cgroup_) return cgroup_->oom_kills() - record_.oom_kills_before;
  return record_.oom_kills_at_end.value_or(0);
}

/// DIF-2.3: whether it hit a child or the main process itself shows a little later.
void ContainerInstance::on_oom() {
  if (stage_ != Stage::Ending && !oom_timer_.active()) oom_timer_.start(kOomSettles);
}

/// Written down after it was told: who dies in between tells it twice, not never.
void ContainerInstance::report_oom() {
  if (!cgroup_ || stage_ != Stage::Running || is_exiting(pid_)) return;
  const std::int64_t before = record_.oom_kills_reported;
  const std::int64_t now = cgroup_->oom_kills();
  if (now <= before) return;
  record_.oom_kills_reported = now;
  context_.events.post(uid_, pod_event::ContainerOomKilled{ref_, now - before});
  if (Status written = write_record(); !written) log_warning(written.error().message);
}

}  // namespace podvisor
