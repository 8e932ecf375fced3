// What a probe costs beside the bare system calls, in one run: 100 network namespaces with 10
// servers each, answered by another process; CPU of the probing thread alone.
// The counter "ratio" is this probe against the bare loop of its kind, measured just before.
#include <arpa/inet.h>
#include <benchmark/benchmark.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <csignal>
#include <ctime>
#include <string>

#include "bench/probe_farm.h"
#include "fakes/fake_executor.h"
#include "loop/loop.h"
#include "probes/probe_runner.h"

namespace podvisor {
namespace {

constexpr int kNamespaces = 100;
constexpr int kPorts = 10;

ProbeFarm& farm() {
  static ProbeFarm made(kNamespaces, kPorts);
  return made;
}

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

struct Target {
  int netns;
  std::uint16_t port;
};

/// Where the n-th probe goes: all in turn, another namespace each time.
Target spread(std::int64_t n) {
  return {static_cast<int>(n % kNamespaces),
          static_cast<std::uint16_t>(ProbeFarm::kFirstPort + n / kNamespaces % kPorts)};
}

/// Socket, connect and close as a blocking program does it, already inside the namespace: what no
/// prober can do without.
class BareClient {
 public:
  explicit BareClient(bool http) : http_(http) {}

  void probe(std::uint16_t port) const {
    const Fd client(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const auto* name = reinterpret_cast<const sockaddr*>(&address);
    require_kernel(connect(client.get(), name, sizeof(address)) == 0, "connect");
    if (!http_) return;
    static const std::string request =
        "GET / HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nUser-Agent: kube-probe/1.36\r\nAccept: */*\r\n"
        "Connection: close\r\n\r\n";
    std::array<char, 4096> answer;
    send(client.get(), request.data(), request.size(), MSG_NOSIGNAL);
    require_kernel(recv(client.get(), answer.data(), answer.size(), 0) > 0, "recv");
  }

 private:
  bool http_;
};

class Probing final : public EventSink {
 public:
  explicit Probing(bool http) : runner_(loop_, farm(), executor_, *this) {
    for (int i = 0; i < kNamespaces; ++i) {
      for (int port = 0; port < kPorts; ++port) {
        pods_.push_back(
            make_pod(i, static_cast<std::uint16_t>(ProbeFarm::kFirstPort + port), http));
      }
    }
  }

  void probe(const Target& target) {
    const auto index =
        static_cast<std::size_t>(target.netns * kPorts + target.port - ProbeFarm::kFirstPort);
    answered_ = false;
    runner_.start_attempt(pods_[index], {{0, 0}, ProbeKind::Liveness, ++attempt_});
    if (!answered_) loop_.run();
  }

  void post(const PodUid&, PodEvent event) override {
    const auto& completed = std::get<pod_event::AttemptCompleted>(event);
    if (completed.verdict != Verdict::Success) {
      std::fprintf(stderr, "probe failed: %s\n", completed.output.c_str());
      std::exit(1);
    }
    answered_ = true;
    loop_.stop();
  }

 private:
  static Pod make_pod(int netns, std::uint16_t port, bool http) {
    Pod pod;
    pod.metadata.uid = ProbeFarm::uid(netns);
    Container& container = pod.spec.containers.emplace_back(Container{.name = "server"});
    Probe& probe = container.liveness_probe.emplace();
    if (http) {
      HttpGetAction action;
      action.port = port;
      probe.handler = action;
    } else {
      probe.handler = TcpSocketAction{port, {}};
    }
    return pod;
  }

  Loop loop_;
  FakeExecutor executor_;
  ProbeRunner runner_;
  std::vector<Pod> pods_;
  std::uint64_t attempt_ = 0;
  bool answered_ = false;
};

/// The two take turns, a batch each, so that neither has the machine's better moments.
constexpr std::int64_t kBatch = 200;

double bare_batch(const BareClient& bare, std::int64_t first) {
  farm().enter(static_cast<int>(first / kBatch % kNamespaces));
  const double begin = cpu_seconds();
  for (std::int64_t i = 0; i < kBatch; ++i) {
    bare.probe(static_cast<std::uint16_t>(ProbeFarm::kFirstPort + i % kPorts));
  }
  const double spent = cpu_seconds() - begin;
  farm().leave();
  return spent;
}

double probe_batch(Probing& probing, std::int64_t first) {
  const double begin = cpu_seconds();
  for (std::int64_t i = 0; i < kBatch; ++i) probing.probe(spread(first + i));
  return cpu_seconds() - begin;
}

void compare(benchmark::State& state, bool http) {
  std::signal(SIGPIPE, SIG_IGN);
  const BareClient bare(http);
  Probing probing(http);
  double bare_seconds = 0;
  double probe_seconds = 0;
  std::int64_t done = 0;
  for (auto _ : state) {
    bare_seconds += bare_batch(bare, done);
    const double spent = probe_batch(probing, done);
    state.SetIterationTime(spent);
    probe_seconds += spent;
    done += kBatch;
  }
  const auto count = static_cast<double>(done);
  state.counters["bare_us"] = bare_seconds / count * 1e6;
  state.counters["probe_us"] = probe_seconds / count * 1e6;
  state.counters["ratio"] = probe_seconds / bare_seconds;
}

void HttpProbe(benchmark::State& state) { compare(state, true); }
void TcpProbe(benchmark::State& state) { compare(state, false); }
BENCHMARK(HttpProbe)->UseManualTime()->Iterations(100);
BENCHMARK(TcpProbe)->UseManualTime()->Iterations(100);

}  // namespace
}  // namespace podvisor
