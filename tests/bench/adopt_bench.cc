// How long a podvisor that was started again takes to have every pod of an earlier one back: from
// the first question until the last is adopted and a socket, as for a probe, was opened in each.
// Needs root.
#include <benchmark/benchmark.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "fakes/recording_event_sink.h"
#include "podvisor/object_store.h"
#include "runtime/process_runtime.h"

namespace podvisor {
namespace {

class World {
 public:
  explicit World(std::int64_t pods) {
    auto tree = open_cgroup_tree(parent_);
    if (!tree || mkdtemp(directory_.data()) == nullptr) std::exit(77);
    tree_ = std::move(*tree);
    start();
    for (std::int64_t i = 0; i < pods; ++i) pods_.push_back(pod(i));
    for (const Pod& each : pods_) runtime_->make_sandbox(each, 0);
    wait_for_all<pod_event::SandboxReady>();
    for (const Pod& each : pods_) runtime_->start_container(each, {});
    wait_for_all<pod_event::ContainerStarted>();
  }

  ~World() {
    for (const Pod& each : pods_) runtime_->remove_sandbox(each.metadata.uid, 0);
    wait_for_all<pod_event::SandboxRemoved>();
    for (const Pod& each : pods_) runtime_->forget_pod(each);
    loop_.run();
    runtime_.reset();
    static_cast<void>(remove_cgroup_tree(parent_));
    std::filesystem::remove_all(directory_);
  }

  /// podvisor is no more.
  void leave() {
    runtime_.reset();
    loop_.run();
    events_.posted.clear();
  }

  void adopt() {
    start();
    std::set<PodUid> known;
    for (const Pod& each : pods_) {
      PodState state = initial_pod_state(each);
      state.stage = PodState::Stage::Up;
      state.sandbox_attempt = 0;
      state.containers[0].run = ContainerState::Run::Running;
      state.containers[0].next_instance = 1;
      runtime_->adopt_sandbox(each, state);
      known.insert(each.metadata.uid);
    }
    runtime_->remove_strays(known);
    wait_for_all<pod_event::SandboxAdopted>();
    for (const Pod& each : pods_)
      if (!runtime_->open_socket(each.metadata.uid, AF_INET, SOCK_STREAM)) std::abort();
  }

 private:
  static Pod pod(std::int64_t number) {
    Pod pod;
    pod.metadata.name = "bench-" + std::to_string(number);
    pod.metadata.uid = pod.metadata.name;
    pod.spec.network = NetworkMode::None;
    pod.spec.hostname = pod.metadata.name;
    Container container;
    container.name = "main";
    container.command = {"sleep", "100000"};
    pod.spec.containers = {container};
    return pod;
  }

  void start() {
    runtime_ = std::make_unique<ProcessRuntime>(
        RuntimeSettings{{directory_ + "/run", directory_ + "/state"}, PODVISOR_PAUSE_PATH}, loop_,
        events_, configs_, tree_.get(), nullptr);
  }

  template <typename Event>
  void wait_for_all() {
    while (events_.of<Event>().size() < pods_.size()) uv_run(loop_.raw(), UV_RUN_ONCE);
  }

  std::string parent_ = "podvisor-adopt-bench-" + std::to_string(getpid());
  std::string directory_ = "/tmp/podvisor-bench-XXXXXX";
  Loop loop_;
  RecordingEventSink events_;
  std::unique_ptr<CgroupTree> tree_;
  ObjectStore configs_;
  std::unique_ptr<ProcessRuntime> runtime_;
  std::vector<Pod> pods_;
};

void adopt_pods(benchmark::State& state) {
  World world(state.range(0));
  for (auto _ : state) {
    state.PauseTiming();
    world.leave();
    state.ResumeTiming();
    world.adopt();
  }
}

BENCHMARK(adopt_pods)->Arg(1)->Arg(100)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace podvisor
