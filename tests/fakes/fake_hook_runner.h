// A HookRunner that runs nothing: it records what it was asked, and the test posts what came of it.
#pragma once

#include <string>
#include <vector>

#include "podvisor/ports/hook_runner.h"

namespace podvisor {

class FakeHookRunner final : public HookRunner {
 public:
  void run_hook(const Pod& pod, const pod_action::RunHook& hook) override {
    note("run", pod.metadata.uid, hook.ref, hook.hook);
  }
  void cancel_hook(const PodUid& pod, const pod_action::CancelHook& hook) override {
    note("cancel", pod, hook.ref, hook.hook);
  }

  std::vector<std::string> asked;  ///< "run PreStop 0#3", in order: container#instance
  std::vector<PodUid> uids;        ///< parallel to asked

 private:
  void note(const std::string& what, const PodUid& pod, ContainerRef ref, HookKind hook) {
    asked.push_back(what + (hook == HookKind::PostStart ? " PostStart " : " PreStop ") +
                    std::to_string(ref.container) + "#" + std::to_string(ref.instance));
    uids.push_back(pod);
  }
};

}  // namespace podvisor
