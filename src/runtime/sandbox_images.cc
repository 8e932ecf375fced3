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
  if (pid) return pause_->adopt(id, *pid, instance.terminal());
  instance.main_exited(pause_->pid(), wait_status,
                       [this, id, why = pid.error()] { fail_start(id, why); });
}

void Sandbox::fail_start(std::uint64_t id, StartFailure failure) {
  const std::unique_ptr<ContainerInstance> instance = std::move(instances_.extract(id).mapped());
  if (!pause_gone_) pause_->acknowledge(id);
  tidy_failed(instance->image(), instance->ref(), std::move(failure));
  after_container_end();
}

/// The answer waits until nothing is left: the next try has the same name with the runtime, and
/// the same bundle.
void Sandbox::tidy_failed(const std::shared_ptr<ImageRun>& image, ContainerRef ref,
                          StartFailure failure) {
  tidy(image, [this, ref, name = image->container(), failure = std::move(failure)] {
    forget_run(name, ref.instance);
    post_start_failed(ref, failure);
  });
}

/// Nobody waits for their answers any more.
void Sandbox::give_up_starts() { image_starts_.clear(); }

/// The sandbox is not gone before this is done.
void Sandbox::tidy(const std::shared_ptr<ImageRun>& image, std::function<void()> tidied) {
  const std::uint64_t id = next_tidying_++;
  auto leavings = std::make_shared<const ImageLeavings>(image->leavings());
  auto& child = tidying_[id];
  if (!leavings->command.empty()) {
    auto started = ChildProcess::start(context_.loop, {leavings->command, {runtime_environment()}},
                                       [this, id, leavings, image, tidied](const ChildEnd&) {
                                         remove_image_leavings(id, *leavings, tidied);
                                       });
    if (started) {
      child = std::move(*started);
      return;
    }
  }
  remove_image_leavings(id, *leavings, std::move(tidied));
}

/// What the runtime could not remove, it may have removed before: its own files go all the same.
void Sandbox::remove_image_leavings(std::uint64_t id, const ImageLeavings& leavings,
                                    std::function<void()> tidied) {
  run_blocking(
      context_.loop, [leavings] { leavings.remove_directories(); },
      [this, id, tidied = std::move(tidied), alive = std::weak_ptr<int>(alive_)] {
        if (alive.expired()) return;
        tidying_.erase(id);
        if (tidied) tidied();
        after_container_end();
      });
}

}  // namespace podvisor
