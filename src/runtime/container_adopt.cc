// A run of a container that an earlier podvisor began.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "log/logger.h"
#include "runtime/container_instance.h"
#include "runtime/pod_files/termination_log.h"

namespace podvisor {
namespace {

/// What pause has kept, told apart by what it is: the log's pipes come before stdin's.
struct Kept {
  Fd out, err, terminal, log_memory;
};

Kept sort(std::vector<Fd> fds) {
  Kept kept;
  std::array<Fd*, 2> pipes{&kept.out, &kept.err};
  std::size_t next = 0;
  for (Fd& fd : fds) {
    struct stat facts {};
    if (::fstat(fd.get(), &facts) != 0) continue;
    if (S_ISFIFO(facts.st_mode) && next < pipes.size())
      *pipes[next++] = std::move(fd);
    else if (S_ISCHR(facts.st_mode))
      kept.terminal = std::move(fd);
    else if (LogCarry::is_one(fd))
      kept.log_memory = std::move(fd);
  }
  return kept;
}

}  // namespace

std::unique_ptr<ContainerInstance> ContainerInstance::adopt(const RuntimeContext& context,
                                                            const Pod& pod, ContainerRecord record,
                                                            PauseChild child, pid_t pause) {
  std::unique_ptr<ContainerInstance> instance(new ContainerInstance(context, pod, record.ref));
  instance->record_ = std::move(record);
  instance->pause_ = pause;
  instance->resume(pod, std::move(child));
  return instance;
}

void ContainerInstance::resume(const Pod& pod, PauseChild child) {
  const Container& container = pod.spec.containers[ref_.container];
  spec_ = record_.spec;
  message_from_logs_ = container.termination_message_from_logs;
  if (record_.image) image_ = ImageRun::adopt(context_, pod, record_);
  if (image_ && container.lifecycle.stop_signal == 0) stop_signal_ = image_->stop_signal();
  auto confinement = image_ ? confine_image(container.security_context, context_.security)
                            : confine(container.security_context, context_.security);
  if (confinement)
    confinement_ = std::move(*confinement);
  else
    no_exec_ = confinement.error();
  if (!image_ && container.termination_message_path == context_.termination_log.path())
    static_cast<void>(context_.termination_log.hold());  // it stands: it is mounted on
  termination_log_ =
      termination_log_path(context_.settings.layout.pod_runtime_dir(uid_), name_, ref_.instance);
  resume_cgroup();
  if (Status resumed = resume_log(pod, std::move(child.kept)); !resumed)
    log_warning("a container's log does not go on",
                {{"pod", uid_}, {"container", name_}, {"error", resumed.error().message}});
  const pid_t left = image_ ? image_->left_pid() : child.pid;
  awaits_runtime_ = left != child.pid && !(record_.oom_kills_at_end && left == 0);
  if (awaits_runtime_) return;
  spawned(child.pid);
  if (!image_ && namespace_name(child.pid, "mnt") != namespace_name(pause_, "mnt"))
    open_mount_namespace();
}

/// One that is gone was this run's, and its end has been noted.
void ContainerInstance::resume_cgroup() {
  if (context_.cgroups == nullptr || record_.oom_kills_at_end) return;
  auto cgroup = context_.cgroups->open(uid_, own_cgroup());
  Status watched;
  if (cgroup) {
    cgroup_ = std::move(*cgroup);
    watched = cgroup_->watch_oom(context_.loop, [this] { on_oom(); });
  } else {
    watched = tl::unexpected(cgroup.error());
  }
  if (!watched)
    log_warning("a container's memory is not watched",
                {{"pod", uid_}, {"container", name_}, {"error", watched.error().message}});
}

Status ContainerInstance::resume_log(const Pod& pod, std::vector<Fd> fds) {
  Kept kept = sort(std::move(fds));
  log_file_ = context_.settings.layout.log_file(pod.metadata, name_, ref_.instance);
  std::unique_ptr<LogCarry> carry;
  if (kept.log_memory) {
    auto found = LogCarry::find(std::move(kept.log_memory));
    if (!found) return tl::unexpected(found.error());
    carry = std::move(*found);
    static_cast<void>(carry->memory());  // pause has it
  }
  auto log =
      ContainerLog::open(context_.loop, context_.log_share, log_file_, std::move(kept.out),
                         std::move(kept.err), context_.settings.log_rotation, std::move(carry));
  if (!log) return tl::unexpected(log.error());
  log_ = std::move(*log);
  if (kept.terminal) log_->follow_terminal(std::move(kept.terminal));
  return {};
}

}  // namespace podvisor
