// How a sandbox is taken over from an earlier podvisor: it is found again by what was written down
// of it, checked, and its containers are made anew around what runs. Where it is not there any
// more, what is left of it goes.
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "log/logger.h"
#include "runtime/adoption/leavings.h"
#include "runtime/adoption/process_identity.h"
#include "runtime/network_namespace.h"
#include "runtime/process_tree.h"
#include "runtime/sandbox.h"

namespace podvisor {
namespace {

std::vector<ContainerRef> starting_in(const PodState& state) {
  std::vector<ContainerRef> starting;
  for (ContainerIndex i = 0; i < state.containers.size(); ++i)
    if (state.containers[i].run == ContainerState::Run::Starting)
      starting.push_back({i, state.containers[i].instance()});
  return starting;
}

}  // namespace

Status Sandbox::write_record() {
  SandboxRecord record;
  record.attempt = attempt_;
  record.boot = boot_id();
  record.pause = identify(pause_->pid());
  record.listener = ::getpid();
  record.network_namespace = namespace_name(pause_->pid(), "net");
  record.pod_ip = pod_ip_;
  record.hostname = hostname_;
  record.attached = attached_;
  return write_sandbox_record(context_.settings.layout.pod_runtime_dir(uid_), record);
}

// ---- It is there ------------------------------------------------------------------------------

void Sandbox::adopt(const Pod& pod, const PodState& state) {
  stage_ = Stage::Adopting;
  adoption_.emplace();
  adoption_->pod = pod;
  adoption_->starting = starting_in(state);
  adoption_->any_attempt = attempt_ < 0;
  if (Status found = reconnect(); !found) lose(found.error().message);
}

Status Sandbox::reconnect() {
  const std::string directory = context_.settings.layout.pod_runtime_dir(uid_);
  const auto record = read_sandbox_record(directory);
  if (!record) return tl::unexpected(record.error());
  if (record->boot != boot_id()) return make_error("it was made before this host was started");
  adoption_->attempt = record->attempt;
  if (!adoption_->any_attempt && record->attempt != attempt_)
    return make_error("what was written down is its attempt " + std::to_string(record->attempt) +
                      ", not " + std::to_string(attempt_));
  auto pause =
      PauseClient::connect(context_.loop, directory, {record->pause, record->listener}, *this);
  if (!pause) return tl::unexpected(pause.error());
  pause_ = std::move(*pause);
  pause_gone_ = false;
  hostname_ = record->hostname;
  pod_ip_ = record->pod_ip;
  return take_network(*record);
}

Status Sandbox::take_network(const SandboxRecord& record) {
  if (mode_ == NetworkMode::Host) return {};
  if (namespace_name(pause_->pid(), "net") != record.network_namespace)
    return make_error("its network namespace is another");
  auto opened = open_network_namespace(pause_->pid());
  if (!opened) return tl::unexpected(opened.error());
  network_namespace_ = std::move(*opened);
  if (!record.attached) return {};
  if (context_.network == nullptr) return make_error("there is no bridge here any more");
  if (Status adopted = context_.network->adopt(uid_, pod_ip_); !adopted) return adopted;
  attached_ = true;
  return {};
}

void Sandbox::adopt_children(std::vector<PauseChild> children) {
  auto records = read_container_records(context_.settings.layout.pod_runtime_dir(uid_));
  for (PauseChild& child : children) adopt_child(std::move(child), records);
  for (const ContainerRecord& record : records) tidy_after(record);
  if (tidying_.empty()) finish_adoption();
}

/// Takes its record out of `records`. Execs are nobody's any more, and what nothing was written
/// down of can't be taken over: they are killed.
void Sandbox::adopt_child(PauseChild child, std::vector<ContainerRecord>& records) {
  const auto& containers = adoption_->pod.spec.containers;
  const auto found = std::ranges::find_if(records, [&](const ContainerRecord& record) {
    return pause_id(record.ref) == child.id && record.ref.container < containers.size() &&
           containers[record.ref.container].name == record.name;
  });
  if (found == records.end()) {
    if ((child.id & kExecIds) == 0)
      log_warning("a process that nothing is known of is killed",
                  {{"pod", pod_name_}, {"pid", child.pid}});
    unwanted_[child.id] = child.pid;
    unwanted_timer_.start(Duration(0));
    return;
  }
  adoption_->found.push_back(found->ref);
  const std::uint64_t id = child.id;
  instances_[id] = ContainerInstance::adopt(context_, adoption_->pod, std::move(*found),
                                            std::move(child), pause_->pid());
  records.erase(found);
}

/// By now pause has told which of them have ended: another process may have their pid.
void Sandbox::kill_unwanted() {
  if (pause_gone_) return;
  for (const auto& [id, pid] : unwanted_) kill_tree(pause_->pid(), pid);
}

/// Of a run that pause does not know: it never came to be, or has been acknowledged.
void Sandbox::tidy_after(const ContainerRecord& record) {
  const bool runs_again = std::ranges::any_of(instances_, [&](const auto& entry) {
    return entry.second->ref().container == record.ref.container;
  });
  const bool own_cgroup = record.image || !runs_again;
  if (context_.cgroups != nullptr && own_cgroup)
    if (auto cgroup = context_.cgroups->open(
            uid_, cgroup_name(record.name, record.ref.instance, record.image.has_value()))) {
      if (Status removed = (*cgroup)->remove(); !removed) log_warning(removed.error().message);
    }
  if (!record.image) return forget_run(record.name, record.ref.instance);
  tidy(ImageRun::adopt(context_, adoption_->pod, record),
       [this, name = record.name, instance = record.ref.instance] {
         forget_run(name, instance);
         if (stage_ == Stage::Adopting && tidying_.empty()) finish_adoption();
       });
}

/// Told first what is there, then what became of it.
void Sandbox::finish_adoption() {
  const SandboxAdoption adoption = std::move(*adoption_);
  adoption_.reset();
  stage_ = Stage::Up;
  attempt_ = adoption.attempt;
  context_.events.post(uid_, pod_event::SandboxAdopted{attempt_, pod_ip_, adoption.found});
  for (const ContainerRef& ref : adoption.found) {
    ContainerInstance* instance = find(ref);
    if (instance == nullptr || !instance->running()) continue;
    if (adoption.any_attempt ||
        std::ranges::find(adoption.starting, ref) != adoption.starting.end())
      context_.events.post(uid_, pod_event::ContainerStarted{ref, instance->pid()});
    instance->look_for_oom();
  }
  for (const auto& [id, wait_status] : adoption.exits) on_exited(id, 0, wait_status);
  for (const auto& asked : adoption.waiting) asked();
  if (adoption.removal) remove(*adoption.removal);
}

// ---- It is not --------------------------------------------------------------------------------

void Sandbox::lose(const std::string& why) {
  log_warning("a pod's sandbox could not be taken over", {{"pod", pod_name_}, {"error", why}});
  stage_ = Stage::Lost;
  network_namespace_.reset();
  instances_.clear();
  remove_leavings([this] { finish_losing(); });
}

/// On the way its pause and everything in its cgroups are killed.
void Sandbox::remove_leavings(std::function<void()> removed) {
  struct Removal {
    SandboxLeavings leavings;
    Status status;
  };
  const std::uint64_t id = next_tidying_++;
  tidying_[id] = nullptr;
  auto removal =
      std::make_shared<Removal>(Removal{{context_.settings.layout, context_.cgroups, uid_}, {}});
  run_blocking(
      context_.loop, [removal] { removal->status = removal->leavings.remove(); },
      [this, id, removal, removed = std::move(removed), alive = std::weak_ptr<int>(alive_)] {
        if (alive.expired()) return;
        tidying_.erase(id);
        if (!removal->status)
          log_warning("something of a pod's earlier sandbox stays",
                      {{"pod", pod_name_}, {"error", removal->status.error().message}});
        removed();
        after_container_end();
      });
}

void Sandbox::finish_losing() {
  const auto leave = [this, alive = std::weak_ptr<int>(alive_)] {
    if (alive.expired()) return;
    stage_ = Stage::Gone;
    gone_();
    context_.events.post(uid_, pod_event::SandboxDied{attempt_});
    if (adoption_->removal)
      context_.events.post(uid_, pod_event::SandboxRemoved{*adoption_->removal});
  };
  if (mode_ != NetworkMode::Bridge || context_.network == nullptr) return leave();
  context_.network->detach(uid_, leave);
}

}  // namespace podvisor
