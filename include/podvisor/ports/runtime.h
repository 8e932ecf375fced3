// What can be done to sandboxes and containers. Nothing above this port knows whether a container
// is a plain process or an image. All calls are made on the loop thread and return soon; what came
// of them arrives as events (SandboxReady, ContainerStarted, ContainerExited, …) at the EventSink
// that the implementation was made with. A call about something that no longer exists does nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "podvisor/fd.h"
#include "podvisor/pod_state.h"
#include "podvisor/result.h"

namespace podvisor {

class Runtime {
 public:
  virtual ~Runtime() = default;

  /// -> SandboxReady or SandboxFailed; later, unasked, SandboxDied. Volumes are made on the first
  /// attempt and kept through later ones (VOL-1).
  virtual void make_sandbox(const Pod& pod, int attempt) = 0;
  /// -> SandboxRemoved. Kills what still runs in it. Volumes stay.
  virtual void remove_sandbox(const PodUid& pod, int attempt) = 0;
  /// -> ContainerStarted or ContainerStartFailed; after the former ContainerExited, exactly once.
  virtual void start_container(const Pod& pod, ContainerRef ref) = 0;
  virtual void signal_container(const PodUid& pod, ContainerRef ref, int signal) = 0;
  virtual void kill_container(const PodUid& pod, ContainerRef ref) = 0;
  /// Takes over what an earlier podvisor made for `state.sandbox_attempt` (-1: whatever there is):
  /// pause, its containers, their logs. -> SandboxAdopted; or SandboxDied with that attempt where
  /// it is not there any more, or is not the one that was written down. What happened to its
  /// containers meanwhile follows as the usual events.
  virtual void adopt_sandbox(const Pod& pod, const PodState& state) = 0;
  /// The exit has been written down: pause may forget it, and what was kept for it goes.
  virtual void acknowledge(const PodUid& pod, ContainerRef ref) = 0;
  /// At start: removes whatever carries podvisor's mark (pauses, runtime directories, network
  /// namespaces, veths, addresses, cgroups, mounts, bundles) and is of no pod in `known`.
  virtual void remove_strays(const std::set<PodUid>& known) = 0;
  /// Writes the pod's ConfigMap, Secret and downward API files anew where their content has changed
  /// (VOL-6). Nothing happens while the pod has no sandbox: its volumes are written with it.
  virtual void refresh_volumes(const Pod& pod) = 0;
  /// The pod is gone: removes its volumes, logs and directories.
  virtual void forget_pod(const Pod& pod) = 0;
};

/// Sockets inside a pod's network namespace, for whoever probes it.
class PodSockets {
 public:
  virtual ~PodSockets() = default;
  /// socket(domain, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0) made in the pod's network namespace.
  [[nodiscard]] virtual Result<Fd> open_socket(const PodUid& pod, int domain, int type) = 0;
  /// Where the pod listens (OPN-3): its address, or 127.0.0.1 where it has none or shares the
  /// host's.
  [[nodiscard]] virtual std::string address(const PodUid& pod) const = 0;
};

struct ExecOutcome {
  std::optional<Error> error;  ///< could not be run for reasons of the runtime (EXE-4)
  int exit_code = 0;           ///< 128 + signal when killed; 126/127 when not executable/not found
  bool timed_out = false;
  std::string output;  ///< stdout followed by stderr, the first 10 240 bytes (EXE-2)
};

/// For Executor::exec: as long as it takes.
inline constexpr Duration kNoTimeout = Duration::max();

/// Runs commands inside running containers: exec probes and hooks.
class Executor {
 public:
  virtual ~Executor() = default;
  using Done = std::function<void(ExecOutcome)>;
  /// Runs argv as the container's process would have been: its namespaces, cgroup, user, working
  /// directory and environment. `done` is called once, later, on the loop thread, unless cancelled.
  /// At the timeout everything the command started is killed (EXE-3). Returns the exec's id.
  virtual std::uint64_t exec(const PodUid& pod, ContainerRef ref, std::vector<std::string> argv,
                             Duration timeout, Done done) = 0;
  /// Kills it and forgets `done`. Unknown ids do nothing.
  virtual void cancel(std::uint64_t exec) = 0;
};

/// One reading of a container's cgroup (MET-6). Unset: the kernel does not tell.
struct ContainerUsage {
  std::optional<double> cpu_seconds;
  std::optional<std::int64_t> cfs_periods, cfs_throttled_periods;
  std::optional<double> cfs_throttled_seconds;
  std::optional<std::int64_t> memory_usage, memory_working_set, memory_rss, memory_cache,
      memory_swap, memory_failcnt, memory_limit;
  std::optional<std::int64_t> oom_kills;  ///< since the pod exists (MET-9)
  std::optional<std::int64_t> processes, threads;
  /// Of all block devices together. cgroup v1 is not asked.
  std::optional<std::int64_t> fs_reads, fs_writes, fs_read_bytes, fs_written_bytes;
};

/// What one interface of a pod's network namespace has counted, since it was made.
struct InterfaceUsage {
  struct Direction {
    std::int64_t bytes = 0, packets = 0, errors = 0, dropped = 0;
    friend bool operator==(const Direction&, const Direction&) = default;
  };
  std::string name;
  Direction received, sent;
  friend bool operator==(const InterfaceUsage&, const InterfaceUsage&) = default;
};

class UsageReader {
 public:
  virtual ~UsageReader() = default;
  /// Nothing while the container does not run.
  [[nodiscard]] virtual std::optional<ContainerUsage> container_usage(const PodUid& pod,
                                                                      ContainerIndex container) = 0;
  /// Without the loopback. None of a pod that has no network namespace of its own.
  [[nodiscard]] virtual std::vector<InterfaceUsage> network_usage(const PodUid& pod) = 0;
};

}  // namespace podvisor
