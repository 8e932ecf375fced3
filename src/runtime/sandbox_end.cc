// How a sandbox ends: asked for, or with its pause.
#include <chrono>

#include "log/logger.h"
#include "runtime/directories.h"
#include "runtime/process_tree.h"
#include "runtime/sandbox.h"
#include "runtime/shared_memory.h"

namespace podvisor {
namespace {

constexpr Duration kStrayInterval = std::chrono::milliseconds(1);

}  // namespace

void Sandbox::remove(int attempt) {
  if (stage_ == Stage::Removing || stage_ == Stage::Gone) return;
  if (adoption_) {
    adoption_->removal = attempt;
    return;
  }
  attempt_ = attempt;
  const Stage before = std::exchange(stage_, Stage::Removing);
  if (before == Stage::Dying) return;  // goes on in after_container_end()
  give_up_starts();
  if (pause_gone_) return after_container_end();
  if (before != Stage::Up) return pause_->kill();
  for (const auto& [id, instance] : instances_) instance->kill(*pause_);
  after_container_end();
}

void Sandbox::after_container_end() {
  if (!instances_.empty()) return;
  if (stage_ == Stage::Dying) {
    stage_ = Stage::Dead;
    context_.events.post(uid_, pod_event::SandboxDied{attempt_});
  } else if (stage_ == Stage::Removing && tidying_.empty()) {
    if (pause_gone_) return finish_removal();
    remove_strays();
  }
}

/// What escaped its container ends up as pause's child.
void Sandbox::remove_strays() {
  if (pause_gone_) return;
  const std::vector<ProcessEntry> strays = descendants(pause_->pid());
  if (strays.empty()) return pause_->shutdown();
  kill_processes(strays);
  stray_timer_.start(kStrayInterval);
}

void Sandbox::on_died() {
  pause_gone_ = true;
  stray_timer_.stop();
  for (auto ended = std::exchange(execs_, {}); auto& [id, exec] : ended)
    exec->fail({"the pod's pause process ended"});
  if (stage_ == Stage::Lost) return;
  if (stage_ == Stage::Adopting) {
    lose("podvisor-pause ended");
  } else if (stage_ == Stage::Making) {
    fail("podvisor-pause ended while it was starting");
  } else if (stage_ == Stage::Failing) {
    finish_failing();
  } else if (stage_ == Stage::Removing && instances_.empty()) {
    after_container_end();
  } else {
    if (stage_ == Stage::Up) stage_ = Stage::Dying;
    abandon_containers();
  }
}

void Sandbox::abandon_containers() {
  give_up_starts();
  std::vector<std::uint64_t> ids;
  for (const auto& [id, instance] : instances_) ids.push_back(id);
  for (const std::uint64_t id : ids) instances_.at(id)->abandon([this, id] { conclude(id); });
  if (ids.empty()) after_container_end();
}

void Sandbox::finish_removal() {
  network_namespace_.reset();
  if (!attached_) return leave();
  context_.network->detach(uid_, [this, alive = std::weak_ptr<int>(alive_)] {
    if (!alive.expired()) leave();
  });
}

void Sandbox::remove_runtime_directory() {
  const std::string directory = context_.settings.layout.pod_runtime_dir(uid_);
  remove_shared_memory(directory);
  if (!remove_private_directory(directory)) context_.untidy.insert(uid_);
}

void Sandbox::leave() {
  const bool removed = std::exchange(stage_, Stage::Gone) == Stage::Removing;
  if (removed) {
    if (context_.cgroups != nullptr) {
      Status status = context_.cgroups->remove_pod(uid_);
      // A podvisor that noted a container's end may have been killed before its cgroup went.
      if (!status) status = context_.cgroups->clear_pod(uid_);
      if (!status)
        log_warning("a pod's cgroup stays",
                    {{"pod", pod_name_}, {"error", status.error().message}});
    }
    remove_runtime_directory();
  }
  gone_();  // first: the answer to the event may be a new sandbox of this pod
  if (removed) context_.events.post(uid_, pod_event::SandboxRemoved{attempt_});
}

}  // namespace podvisor
