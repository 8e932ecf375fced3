// A real ProcessRuntime: pauses, cgroups, namespaces, logs, all in a directory and a cgroup of the
// test's own.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cgroup/cgroup_e2e.h"
#include "fakes/recording_event_sink.h"
#include "loop/loop.h"
#include "podvisor/object_store.h"
#include "runtime/process_runtime.h"

namespace podvisor {

/// Gives out one address, and remembers.
class FakeNetwork final : public Network {
 public:
  Result<std::string> attach(const PodUid& pod, int netns_fd) override;
  Status adopt(const PodUid& pod, const std::string& address) override;
  void detach(const PodUid& pod, std::function<void()> done) override;

  std::optional<Error> failure;
  std::vector<PodUid> attached, adopted, detached;
  ino_t attached_namespace = 0;
};

class RuntimeFixture : public ::testing::Test {
 public:
  /// podvisor-pause; PODVISOR_PAUSE in the environment: one of an older version, say.
  static std::string pause_path();

 protected:
  void SetUp() override;
  void TearDown() override;

  /// Another runtime on the same directories, without cgroups.
  void forgo_cgroups();

  /// podvisor is no more, and another one has been started on the same directories.
  void restart();
  /// … with this in between.
  void restart(const std::function<void()>& meanwhile);
  virtual std::unique_ptr<ProcessRuntime> make_runtime();
  [[nodiscard]] virtual RuntimeSettings settings() const;
  /// What an earlier podvisor wrote down: sandbox 0, and the first run of each container.
  static PodState written(const Pod& pod, ContainerState::Run run = ContainerState::Run::Running);
  /// And waits for the answer.
  void adopt(const Pod& pod, const PodState& state);
  void adopt(const Pod& pod) { adopt(pod, written(pod)); }

  /// A pod with loopback alone, whose first container runs `sh -c script`.
  static Pod pod_with(const std::string& script);
  static Container container(const std::string& name, const std::string& script);

  void make_sandbox(const Pod& pod);  ///< and waits until it is ready
  void remove_sandbox(const Pod& pod);
  pid_t start(const Pod& pod, ContainerRef ref = {});  ///< and waits until it is started
  pod_event::ContainerExited exit_of(ContainerRef ref = {});
  /// Starts it in a sandbox of its own, waits for its end.
  pod_event::ContainerExited run(const Pod& pod);
  /// What the container wrote to its log, without the CRI headers. For after its end.
  std::string log_of(const Pod& pod, ContainerRef ref = {}) const;
  /// Waits until a container that lives has written `text`.
  void wait_for_log(const Pod& pod, const std::string& text, ContainerRef ref = {});
  ExecOutcome exec(const Pod& pod, std::vector<std::string> argv,
                   Duration timeout = std::chrono::seconds(20));
  void run_until(const std::function<bool()>& reached);
  void wait_until_gone(pid_t pid);

  template <typename Event>
  Event wait_for() {
    run_until([this] { return !events_.of<Event>().empty(); });
    return events_.of<Event>().empty() ? Event{} : events_.of<Event>().back();
  }

  [[nodiscard]] pid_t pause_of(pid_t container) const;

  std::string directory_;
  Loop loop_;
  RecordingEventSink events_;
  FakeNetwork network_;
  std::unique_ptr<OwnCgroup> own_cgroup_;
  std::string cgroup_parent_;
  std::unique_ptr<CgroupTree> cgroups_;
  ObjectStore configs_;
  bool use_cgroups_ = true;
  std::unique_ptr<ProcessRuntime> runtime_;
  std::vector<Pod> pods_;  ///< that have, or had, a sandbox
};

/// The number after "ns/NAME" of a process.
std::string namespace_of(pid_t pid, const std::string& name);
bool is_alive(pid_t pid);

}  // namespace podvisor
