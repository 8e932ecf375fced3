// A Runtime that records what it was asked and answers only when the test tells it to.
#pragma once

#include <string>
#include <vector>

#include "podvisor/ports/runtime.h"

namespace podvisor {

class FakeRuntime final : public Runtime {
 public:
  void make_sandbox(const Pod& pod, int attempt) override {
    note("make_sandbox", pod.metadata.uid, attempt);
    if (on_make_sandbox) on_make_sandbox(pod, attempt);
  }
  void remove_sandbox(const PodUid& pod, int attempt) override {
    note("remove_sandbox", pod, attempt);
    if (on_remove_sandbox) on_remove_sandbox(pod, attempt);
  }
  void start_container(const Pod& pod, ContainerRef ref) override {
    note("start " + pod.spec.containers[ref.container].name, pod.metadata.uid, ref.instance);
    if (on_start) on_start(pod, ref);
  }
  void signal_container(const PodUid& pod, ContainerRef ref, int signal) override {
    note("signal " + std::to_string(signal), pod, ref.instance);
    if (on_signal) return on_signal(pod, ref);
    if (on_end) on_end(pod, ref);
  }
  void kill_container(const PodUid& pod, ContainerRef ref) override {
    note("kill", pod, ref.instance);
    if (on_end) on_end(pod, ref);
  }
  void adopt_sandbox(const Pod& pod, const PodState& state) override {
    note("adopt_sandbox", pod.metadata.uid, state.sandbox_attempt);
    if (on_adopt_sandbox) on_adopt_sandbox(pod, state);
  }
  void acknowledge(const PodUid& pod, ContainerRef ref) override {
    if (on_acknowledge) on_acknowledge(pod, ref);
  }
  void remove_strays(const std::set<PodUid>& known) override { kept_from_strays = known; }
  void refresh_volumes(const Pod& pod) override { note("refresh", pod.metadata.uid, 0); }
  void forget_pod(const Pod& pod) override {
    note("forget", pod.metadata.uid, 0);
    if (on_forget) on_forget(pod);
  }

  std::function<void(const Pod&, int)> on_make_sandbox;
  std::function<void(const PodUid&, int)> on_remove_sandbox;
  std::function<void(const Pod&, ContainerRef)> on_start;
  std::function<void(const Pod&, const PodState&)> on_adopt_sandbox;
  std::function<void(const PodUid&, ContainerRef)> on_end;     ///< a signal, or the kill
  std::function<void(const PodUid&, ContainerRef)> on_signal;  ///< unset: on_end
  std::function<void(const PodUid&, ContainerRef)> on_acknowledge;
  std::function<void(const Pod&)> on_forget;
  std::set<PodUid> kept_from_strays;
  std::vector<std::string> asked;  ///< "start php 0", in order
  std::vector<PodUid> uids;        ///< parallel to asked

 private:
  void note(const std::string& what, const PodUid& pod, int number) {
    asked.push_back(what + " " + std::to_string(number));
    uids.push_back(pod);
  }
};

}  // namespace podvisor
