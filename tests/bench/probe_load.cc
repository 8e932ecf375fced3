// Probes the servers of a farm over HTTP, each once a second, for some seconds, and prints what one
// probe cost this process in CPU: podvisor's side of probes_vs_haproxy.sh.
//   probe_load NAMESPACES PORTS SECONDS [NETNS_DIR]
// With NETNS_DIR the namespaces can be found there, as b0, b1, …, by whoever else wants to probe.
// Says "ready" once they can, and begins to count kWarmUp later.
#include <fcntl.h>
#include <sys/mount.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string>

#include "bench/probe_farm.h"
#include "fakes/fake_executor.h"
#include "loop/loop.h"
#include "loop/tick_grid.h"
#include "probes/probe_runner.h"

namespace podvisor {
namespace {

constexpr Duration kWarmUp = std::chrono::seconds(4);

class CountingSink final : public EventSink {
 public:
  void post(const PodUid&, PodEvent event) override {
    ++answered;
    if (std::get<pod_event::AttemptCompleted>(event).verdict != Verdict::Success) ++failed;
  }
  int answered = 0;
  int failed = 0;
};

/// Starts its probe every second, on the grid that podvisor's ticks come on.
class Ticker {
 public:
  Ticker(Loop& loop, Prober& prober, Pod pod)
      : loop_(loop), prober_(prober), pod_(std::move(pod)), timer_(loop, [this] { tick(); }) {}
  void start(Duration after) {
    due_ = loop_.now().monotonic + after;
    sleep();
  }

 private:
  void sleep() { timer_.start(until_tick(due_, loop_.now().monotonic)); }

  void tick() {
    due_ += std::chrono::seconds(1);
    sleep();
    prober_.start_attempt(pod_, {{0, 0}, ProbeKind::Liveness, ++attempt_});
  }

  Loop& loop_;
  Prober& prober_;
  Pod pod_;
  TimePoint due_;
  Timer timer_;
  std::uint64_t attempt_ = 0;
};

Pod make_pod(int netns, int port) {
  Pod pod;
  pod.metadata.uid = ProbeFarm::uid(netns) + "-" + std::to_string(port);
  HttpGetAction action;
  action.port = static_cast<std::uint16_t>(ProbeFarm::kFirstPort + port);
  Container& container = pod.spec.containers.emplace_back(Container{.name = "server"});
  container.liveness_probe.emplace().handler = action;
  return pod;
}

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

int probe(ProbeFarm& farm, int seconds) {
  Loop loop;
  FakeExecutor executor;
  CountingSink sink;
  ProbeRunner runner(loop, farm, executor, sink);
  std::vector<std::unique_ptr<Ticker>> tickers;
  const int targets = farm.namespaces() * farm.ports();
  for (int i = 0; i < targets; ++i) {
    tickers.push_back(
        std::make_unique<Ticker>(loop, runner, make_pod(i / farm.ports(), i % farm.ports())));
    tickers.back()->start(std::chrono::microseconds(1000000LL * i / targets));
  }
  double begin = 0;
  Timer warm(loop, [&] {
    begin = cpu_seconds();
    sink.answered = 0;
  });
  warm.start(kWarmUp);
  Timer over(loop, [&] { loop.stop(); });
  over.start(kWarmUp + std::chrono::seconds(seconds));
  loop.run();
  const double spent = cpu_seconds() - begin;
  std::printf("probes %d failed %d cpu_us_per_probe %.1f\n", sink.answered, sink.failed,
              spent / sink.answered * 1e6);
  return sink.failed == 0 ? 0 : 1;
}

void lend(const ProbeFarm& farm, const std::string& directory) {
  for (int i = 0; i < farm.namespaces(); ++i) {
    const std::string name = directory + "/b" + std::to_string(i);
    const Fd file(open(name.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    farm.enter(i);
    require_kernel(mount("/proc/self/ns/net", name.c_str(), nullptr, MS_BIND, nullptr) == 0, name);
    farm.leave();
  }
}

}  // namespace
}  // namespace podvisor

int main(int argc, char** argv) {
  if (argc != 4 && argc != 5) {
    std::fprintf(stderr, "usage: %s NAMESPACES PORTS SECONDS [NETNS_DIR]\n", argv[0]);
    return 2;
  }
  std::signal(SIGPIPE, SIG_IGN);
  podvisor::ProbeFarm farm(std::atoi(argv[1]), std::atoi(argv[2]));
  if (argc == 5) podvisor::lend(farm, argv[4]);
  std::puts("ready");
  std::fflush(stdout);
  return podvisor::probe(farm, std::atoi(argv[3]));
}
