// What an exec probe costs, against fork + setns + exec + wait of the same static program. Needs
// root. `cpu_us` is the CPU of everybody who works for one exec: podvisor, pause and the program.
// The ratio of cpu_us is what counts; times swing with the machine.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "fakes/recording_event_sink.h"
#include "podvisor/object_store.h"
#include "runtime/process_runtime.h"

namespace podvisor {
namespace {

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

double cpu_of(int who) {
  rusage usage{};
  getrusage(who, &usage);
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// With the children that it has waited for; in ticks of 10 ms, so only long runs tell.
double cpu_of_process(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string field;
  double ticks = 0;
  for (int i = 1; i <= 17 && file >> field; ++i)
    if (i >= 14) ticks += std::atof(field.c_str());
  return ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

/// One pod with one container, for as long as the benchmark runs.
class World {
 public:
  explicit World(bool cgroups) {
    if (cgroups) {
      auto tree = open_cgroup_tree(parent_);
      if (!tree) std::exit(77);
      tree_ = std::move(*tree);
    }
    if (mkdtemp(directory_.data()) == nullptr) std::abort();
    runtime_ = std::make_unique<ProcessRuntime>(
        RuntimeSettings{{directory_ + "/run", directory_ + "/state"}, PODVISOR_PAUSE_PATH}, loop_,
        events_, configs_, tree_.get(), nullptr);
    pod_.metadata.name = "bench";
    pod_.metadata.uid = "11111111-2222-3333-4444-555555555555";
    pod_.spec.network = NetworkMode::None;
    pod_.spec.hostname = "bench";
    Container container;
    container.name = "main";
    container.command = {"sleep", "100000"};
    pod_.spec.containers = {container};
    runtime_->make_sandbox(pod_, 0);
    wait_for<pod_event::SandboxReady>();
    runtime_->start_container(pod_, {});
    wait_for<pod_event::ContainerStarted>();
    container_ = static_cast<pid_t>(events_.of<pod_event::ContainerStarted>().back().pid);
  }

  ~World() {
    runtime_->remove_sandbox(pod_.metadata.uid, 0);
    wait_for<pod_event::SandboxRemoved>();
    runtime_->forget_pod(pod_);
    loop_.run();
    runtime_.reset();
    if (tree_) static_cast<void>(remove_cgroup_tree(parent_));
    std::filesystem::remove_all(directory_);
  }

  void exec() {
    runtime_->exec(pod_.metadata.uid, {}, {EXEC_TARGET}, std::chrono::seconds(10),
                   [this](const ExecOutcome& outcome) {
                     if (outcome.error || outcome.exit_code != 0) std::abort();
                     loop_.stop();
                   });
    loop_.run();
  }

  [[nodiscard]] pid_t container() const { return container_; }
  [[nodiscard]] pid_t pause() const {
    std::ifstream file("/proc/" + std::to_string(container_) + "/stat");
    std::string pid, name, state;
    pid_t parent = 0;
    file >> pid >> name >> state >> parent;
    return parent;
  }

 private:
  template <typename Event>
  void wait_for() {
    while (events_.of<Event>().empty()) uv_run(loop_.raw(), UV_RUN_ONCE);
  }

  std::string parent_ = "podvisor-exec-bench-" + std::to_string(getpid());
  std::string directory_ = "/tmp/podvisor-bench-XXXXXX";
  Loop loop_;
  RecordingEventSink events_;
  std::unique_ptr<CgroupTree> tree_;
  ObjectStore configs_;
  std::unique_ptr<ProcessRuntime> runtime_;
  Pod pod_;
  pid_t container_ = 0;
};

void report(benchmark::State& state, double cpu) {
  state.counters["cpu_us"] = cpu * 1e6 / static_cast<double>(state.iterations());
}

/// What any exec must do.
void fork_setns_exec_wait(benchmark::State& state) {
  const World world(false);
  const std::string path = "/proc/" + std::to_string(world.container()) + "/ns/net";
  const Fd network(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  char* argv[] = {const_cast<char*>(EXEC_TARGET), nullptr};
  char* env[] = {nullptr};
  const double before = cpu_of(RUSAGE_SELF) + cpu_of(RUSAGE_CHILDREN);
  for (auto _ : state) {
    const pid_t pid = fork();
    if (pid == 0) {
      setns(network.get(), CLONE_NEWNET);
      execve(EXEC_TARGET, argv, env);
      _exit(127);
    }
    waitpid(pid, nullptr, 0);
  }
  report(state, cpu_of(RUSAGE_SELF) + cpu_of(RUSAGE_CHILDREN) - before);
}

void run_exec(benchmark::State& state, bool cgroups) {
  World world(cgroups);
  const double before = cpu_of(RUSAGE_SELF) + cpu_of_process(world.pause());
  for (auto _ : state) world.exec();
  report(state, cpu_of(RUSAGE_SELF) + cpu_of_process(world.pause()) - before);
}

void exec_probe(benchmark::State& state) { run_exec(state, true); }
void exec_probe_without_cgroups(benchmark::State& state) { run_exec(state, false); }

BENCHMARK(fork_setns_exec_wait)->UseRealTime()->Unit(benchmark::kMicrosecond);
BENCHMARK(exec_probe)->UseRealTime()->Unit(benchmark::kMicrosecond);
BENCHMARK(exec_probe_without_cgroups)->UseRealTime()->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace podvisor
