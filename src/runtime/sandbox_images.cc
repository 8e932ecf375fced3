// How a sandbox starts containers with images, and what it does when they are over.
#include <utility>

#include "runtime/oci/oci_runtime.h"
#include "runtime/sandbox.h"

namespace podvisor {

void Sandbox::begin_image(const Pod& pod, ContainerRef ref) {
  if (context_.images == nullptr)
    return post_start_failed(ref, {"RunContainerError", "podvisor runs without images here"});
  const std::uint64_t id = pause_id(ref);
  auto& start = image_starts_[id];
  start = std::make_unique<ImageStart>(
      context_, pod, ref,
      [this, id](StartResult<ReadyImage> ready) { on_image(id, std::move(ready)); });
  start->begin();
}

void Sandbox::on_image(std::uint64_t id, StartResult<ReadyImage> ready) {
  const std::unique_ptr<ImageStart> start = std::move(image_starts_.extract(id).mapped());
  if (!ready) return post_start_failed(start->ref(), ready.error());
  const Pod& pod = start->pod();
  const ContainerRef ref = start->ref();
  start_instance(pod, ref,
                 std::make_shared<ImageRun>(context_, uid_, pod.spec.containers[ref.container].name,
                                            ref.instance, std::move(*ready)));
}

/// Either the container is there, and pause its parent, or what there may be of it goes.
void Sandbox::on_runtime_ended(std::uint64_t id, int wait_status) {
  ContainerInstance& instance = *instances_.at(id);
  const StartResult<pid_t> pid = instance.runtime_ended(wait_status);
  if (pid) return pause_->adopt(id, *pid);
  instance.main_exited(pause_->pid(), wait_status,
                       [this, id, why = pid.error()] { fail_start(id, why); });
}

void Sandbox::fail_start(std::uint64_t id, StartFailure failure) {
  const std::unique_ptr<ContainerInstance> instance = std::move(instances_.extract(id).mapped());
  if (!pause_gone_) pause_->acknowledge(id);
  tidy(instance->image());
  post_start_failed(instance->ref(), std::move(failure));
  after_container_end();
}

/// Nobody waits for their answers any more.
void Sandbox::give_up_starts() { image_starts_.clear(); }

/// The sandbox is not gone before this is done.
void Sandbox::tidy(const std::shared_ptr<ImageRun>& image) {
  const std::uint64_t id = next_tidying_++;
  auto leavings = std::make_shared<const ImageLeavings>(image->leavings());
  auto& child = tidying_[id];
  if (!leavings->command.empty()) {
    auto started = ChildProcess::start(
        context_.loop, {leavings->command, {runtime_environment()}},
        [this, id, leavings, image](const ChildEnd&) { on_tidied(id, *leavings); });
    if (started) {
      child = std::move(*started);
      return;
    }
  }
  on_tidied(id, *leavings);
}

/// What the runtime could not remove, it may have removed before: its own files go all the same.
void Sandbox::on_tidied(std::uint64_t id, const ImageLeavings& leavings) {
  run_blocking(
      context_.loop, [leavings] { leavings.remove_directories(); },
      [this, id, alive = std::weak_ptr<int>(alive_)] {
        if (alive.expired()) return;
        tidying_.erase(id);
        after_container_end();
      });
}

}  // namespace podvisor
