// `podvisor run`: a person's terminal. Everything is checked before anything starts; Ctrl-C stops
// in order, a second one at once.
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <iostream>
#include <iterator>
#include <memory>
#include <set>
#include <utility>
#include <variant>
#include <vector>

#include "daemon/daemon.h"
#include "daemon/host_check.h"
#include "daemon/init.h"
#include "daemon/narrator.h"
#include "daemon/options.h"
#include "daemon/reconcile.h"
#include "log/logger.h"
#include "manifest/present.h"

namespace podvisor {
namespace {

void print(const std::vector<Diagnostic>& diagnostics) {
  present(diagnostics, style_for(STDERR_FILENO), std::cerr);
}

bool check_all(const Daemon& daemon, const LoadResult& loaded) {
  bool fine = true;
  for (const LoadedPod& pod : loaded.pods) {
    std::vector<Diagnostic> problems = daemon.check(pod);
    std::ranges::move(awaited_diagnostics(pod), std::back_inserter(problems));
    print(problems);
    fine = fine && problems.empty();
  }
  for (const Loaded<Service>& service : loaded.services) {
    const std::vector<Diagnostic> problems = daemon.check(service);
    print(problems);
    fine = fine && problems.empty();
  }
  for (const Loaded<Deployment>& deployment : loaded.deployments) {
    const std::vector<Diagnostic> problems = daemon.check(deployment);
    print(problems);
    fine = fine && problems.empty();
  }
  return fine;
}

/// That of its main container, if it ended as a failure; 0 for a pod that succeeded.
int exit_code_of(const PodObject& object) {
  if (object.status.phase != PodPhase::Failed) return 0;
  const std::string& main =
      object.pod->spec.containers[object.pod->spec.policy.main_container].name;
  for (const ContainerStatus& container : object.status.container_statuses) {
    const auto* ended = std::get_if<ContainerStateTerminated>(&container.state);
    if (container.name == main && ended != nullptr && ended->exit_code != 0)
      return ended->exit_code;
  }
  return 1;
}

/// Of one pod its own; of several whether any has failed.
int exit_code_of(const ObjectStore& store) {
  int code = 0;
  for (const auto& [name, object] : store.pods())
    if (const int one = exit_code_of(object); one != 0) code = store.pods().size() == 1 ? one : 1;
  return code;
}

/// Whoever runs podvisor in place of its program sends it what the program understands.
std::vector<std::unique_ptr<SignalWatch>> pass_signals_on(Daemon& daemon) {
  std::vector<std::unique_ptr<SignalWatch>> watches;
  for (const int signal : {SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH})
    watches.push_back(std::make_unique<SignalWatch>(
        daemon.loop(), signal, [&daemon, signal] { daemon.supervisor().signal_main(signal); }));
  return watches;
}

constexpr const char* kClearLine = "\r\033[K";

/// The pull that began first, on the terminal's last line, for as long as there is one.
class PullDisplay {
 public:
  PullDisplay(Daemon& daemon, const DaemonOptions& options)
      : daemon_(daemon), options_(options), timer_(daemon.loop(), [this] { show(); }) {
    timer_.keep_loop_running(false);
    if (options_.pull_line) timer_.start(kPeriod);
  }

 private:
  static constexpr Duration kPeriod = std::chrono::milliseconds(200);

  void show() {
    timer_.start(kPeriod);
    const std::vector<PullProgress> pulls = daemon_.pulls();
    if (pulls.empty() && !shown_) return;
    std::cout << kClearLine << (pulls.empty() ? "" : options_.pull_line(pulls.front()))
              << std::flush;
    shown_ = !pulls.empty();
  }

  Daemon& daemon_;
  const DaemonOptions& options_;
  bool shown_ = false;
  Timer timer_;
};

/// Of an earlier run of this kind that was killed.
void drop_what_is_not_in(const LoadResult& loaded, Daemon& daemon) {
  std::set<std::pair<std::string, std::string>> wanted, deployments;
  for (const LoadedPod& pod : loaded.pods)
    wanted.emplace(pod.pod->metadata.namespace_, pod.pod->metadata.name);
  for (const auto& deployment : loaded.deployments)
    deployments.emplace(deployment.object->metadata.namespace_, deployment.object->metadata.name);
  std::vector<std::pair<std::string, std::string>> idle;
  for (const auto& [name, entry] : daemon.store().deployments())
    if (!deployments.contains(name)) idle.push_back(name);
  for (const auto& [namespace_, name] : idle)
    static_cast<void>(daemon.deployments().remove(namespace_, name));
  std::vector<std::pair<std::string, std::string>> unwanted;
  for (const auto& [name, object] : daemon.store().pods()) {
    const auto owner = deployment_of(*object.pod);
    if (owner ? !deployments.contains(*owner) : !wanted.contains(name)) unwanted.push_back(name);
  }
  for (const auto& [namespace_, name] : unwanted)
    static_cast<void>(daemon.supervisor().delete_pod(namespace_, name, std::nullopt));
}

/// Nothing of what it was given outlives a run.
void drop_objects(Daemon& daemon) {
  daemon.deployments().remove_all();
  ObjectStore& store = daemon.store();
  while (!store.configs().empty()) {
    const auto [kind, namespace_, name] = store.configs().begin()->first;
    store.remove_config(kind, namespace_, name);
  }
  while (!store.services().empty()) {
    const auto [namespace_, name] = store.services().begin()->first;
    store.remove_service(namespace_, name);
  }
}

/// Runs until every pod has ended by itself or has been stopped. The exit code.
int supervise(Daemon& daemon, const LoadResult& loaded) {
  int exit_code = 0;
  int signals = 0;
  Supervisor& supervisor = daemon.supervisor();
  const auto stop = [&] {
    supervisor.stop_all(++signals == 1 ? std::nullopt : std::optional(Seconds{1}));
    if (supervisor.empty()) daemon.loop().stop();
  };
  const SignalWatch interrupt(daemon.loop(), SIGINT, stop);
  const SignalWatch terminate(daemon.loop(), SIGTERM, stop);
  supervisor.on_settled([&] {
    if (signals > 0 ? supervisor.empty() : daemon.is_done()) return daemon.loop().stop();
    if (signals > 0 || !loaded.deployments.empty() || !supervisor.all_ended()) return;
    exit_code = exit_code_of(daemon.store());
    stop();
  });
  drop_what_is_not_in(loaded, daemon);
  for (const auto& config : loaded.configs) daemon.apply(config);
  for (const LoadedPod& pod : loaded.pods) daemon.apply(pod);
  for (const auto& deployment : loaded.deployments) daemon.apply(deployment);
  for (const Loaded<Service>& service : loaded.services) daemon.apply(service);
  if (!daemon.is_done()) daemon.loop().run();
  supervisor.on_settled({});
  drop_objects(daemon);
  return exit_code;
}

}  // namespace

int run(const DaemonOptions& options) {
  const Init init = stand_behind_init(SIGTERM);
  if (init.exit_code) return *init.exit_code;
  set_log_level(LogLevel::Warning);  // the narrator tells the rest
  auto daemon = Daemon::open(options);
  if (!daemon) {
    std::cerr << "podvisor: " << daemon.error().message << '\n';
    return 1;
  }
  if (!(*daemon)->last_sources().empty()) {
    std::cerr
        << "podvisor: the state directory " << options.layout.state_dir
        << " is podvisor serve's, of " << (*daemon)->last_sources().front().directory
        << ", and its pods run on; start it and stop them with 'podvisor stop --all', or pass "
           "another directory with --state-dir\n";
    return 1;
  }
  LoadResult loaded = load_paths(options.manifests, (*daemon)->load_options());
  print(loaded.diagnostics);
  if (!loaded.ok() || !check_all(**daemon, loaded)) return 1;
  if (loaded.pods.empty() && loaded.deployments.empty()) {
    std::cerr << "podvisor: nothing to run: there is no Pod or Deployment in these manifests\n";
    return 1;
  }
  const Narrator narrator((*daemon)->store(), (*daemon)->loop(), std::cout,
                          options.pull_line ? kClearLine : "");
  const PullDisplay display(**daemon, options);
  std::vector<std::unique_ptr<SignalWatch>> passed_on;
  if (init.above) passed_on = pass_signals_on(**daemon);
  return supervise(**daemon, loaded);
}

}  // namespace podvisor
