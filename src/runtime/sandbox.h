// One attempt at one pod's sandbox: pause, namespaces, address, and the containers in it.
//
//   Making ──► Up ──► Removing ──► Gone          asked for
//     │         └──► Dying ──► Dead ──► Removing  pause ended by itself
//     └──► Failing ──► Gone                       something could not be made
//
//   Adopting ──► Up                              an earlier podvisor's is there
//     └──► Lost ──► Gone                         it is not, and what is left of it is removed
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "loop/child_process.h"
#include "podvisor/ports/runtime.h"
#include "runtime/adoption/container_record.h"
#include "runtime/adoption/sandbox_record.h"
#include "runtime/container_instance.h"
#include "runtime/exec.h"
#include "runtime/image_start.h"
#include "runtime/pause_client.h"
#include "runtime/pod_files/pod_files.h"
#include "runtime/runtime_context.h"

namespace podvisor {

/// A run that has ended. What was written down of it goes when both are done.
struct EndedRun {
  ContainerRef ref;
  std::string container;
  bool acknowledged = false;
  bool tidied = false;
};
/// What is needed between adopt() and SandboxAdopted.
struct SandboxAdoption {
  Pod pod;
  std::vector<ContainerRef> starting;  ///< nobody has said yet that they have started
  bool any_attempt = false;            ///< nobody knows which
  int attempt = 0;                     ///< that was written down
  std::vector<ContainerRef> found;
  std::map<std::uint64_t, int> exits;          ///< that pause has told already
  std::vector<std::function<void()>> waiting;  ///< asked for meanwhile
  std::optional<int> removal;                  ///< likewise: its attempt
};

class Sandbox final : private PauseEvents {
 public:
  /// `gone` is called once, when nothing is left; the sandbox may be destroyed later, not within.
  Sandbox(const RuntimeContext& context, const Pod& pod, int attempt, std::function<void()> gone);
  ~Sandbox() override = default;

  void make(const Pod& pod);
  /// -> SandboxAdopted or SandboxDied, once. What is asked of containers before is done after it.
  void adopt(const Pod& pod, const PodState& state);
  void remove(int attempt);
  void start_container(const Pod& pod, ContainerRef ref);
  void signal_container(ContainerRef ref, int signal);
  void kill_container(ContainerRef ref);
  void acknowledge(ContainerRef ref);
  void wake_pause();  ///< if somebody has stopped it

  /// `done` is taken unless there is an error.
  [[nodiscard]] Status exec(std::uint64_t id, ContainerRef ref, std::vector<std::string> argv,
                            Duration timeout, Executor::Done& done);
  [[nodiscard]] Result<ExecStreams> follow_exec(std::uint64_t id, ContainerRef ref,
                                                ExecRequest request, Executor::Done& done);
  /// False: not one of this sandbox.
  bool cancel_exec(std::uint64_t id);

  [[nodiscard]] Result<Fd> open_socket(int domain, int type) const;
  [[nodiscard]] std::string address() const;
  /// OOM kills are those of the present run alone.
  [[nodiscard]] std::optional<ContainerUsage> usage(ContainerIndex container) const;
  [[nodiscard]] std::vector<InterfaceUsage> network_usage() const;
  /// OOM kills of runs that have ended in this sandbox since the last call, by container.
  [[nodiscard]] std::map<ContainerIndex, std::int64_t> take_ended_oom_kills();

 private:
  enum class Stage : std::uint8_t {
    Making,
    Failing,
    Adopting,
    Lost,
    Up,
    Dying,
    Dead,
    Removing,
    Gone,
  };
  void on_ready(std::vector<PauseChild> children) override;
  void on_refused(const SpawnFailure& failure) override;
  void on_spawned(std::uint64_t id, pid_t pid) override;
  void on_spawn_failed(std::uint64_t id, const SpawnFailure& failure) override;
  void on_exited(std::uint64_t id, pid_t pid, int wait_status) override;
  void on_died() override;

  void clear_and_make(const Pod& pod);
  void make_cleared(const Pod& pod);
  Status make_pause(const Pod& pod);
  Status set_namespaces(PauseSettings& settings, const PodSpec& spec);
  Status join_network();
  Status write_record();
  Status reconnect();
  Status take_network(const SandboxRecord& record);
  void adopt_children(std::vector<PauseChild> children);
  void adopt_child(PauseChild child, std::vector<ContainerRecord>& records);
  void tidy_after(const ContainerRecord& record);
  void finish_adoption();
  void lose(const std::string& why);
  void finish_losing();
  void remove_leavings(std::function<void()> removed);
  void kill_unwanted();
  Status make_files(const Pod& pod);
  void fail(const std::string& message, const char* reason = "FailedCreatePodSandBox");
  void finish_failing();
  void begin_image(const Pod& pod, ContainerRef ref);
  void on_image(std::uint64_t id, StartResult<ReadyImage> ready);
  void start_instance(const Pod& pod, ContainerRef ref, const std::shared_ptr<ImageRun>& image);
  void on_runtime_ended(std::uint64_t id, int wait_status);
  void fail_start(std::uint64_t id, StartFailure failure);
  void give_up_starts();
  void tidy(const std::shared_ptr<ImageRun>& image, std::function<void()> tidied);
  void tidy_failed(const std::shared_ptr<ImageRun>& image, ContainerRef ref, StartFailure failure);
  void remove_image_leavings(std::uint64_t id, const ImageLeavings& leavings,
                             std::function<void()> tidied);
  void post_start_failed(ContainerRef ref, StartFailure failure);
  void conclude(std::uint64_t id);
  void settle(std::uint64_t id);
  void forget_run(const std::string& container, int instance);
  void abandon_containers();
  void after_container_end();
  void remove_strays();
  void finish_removal();
  void remove_runtime_directory();
  void leave();
  void kill_execs_of(ContainerRef ref);
  std::unique_ptr<Exec> take_exec(std::uint64_t id);
  [[nodiscard]] ContainerInstance* find(ContainerRef ref) const;

  const RuntimeContext& context_;
  PodUid uid_;
  std::string pod_name_;  ///< NAMESPACE/NAME, for messages
  NetworkMode mode_;
  int attempt_;
  std::function<void()> gone_;
  Stage stage_ = Stage::Making;
  std::string failure_;               ///< Failing: why
  std::string failure_reason_;        ///< … as the event has it
  std::vector<std::string> sysctls_;  ///< names, in the order in which pause sets them
  bool attached_ = false;
  std::string pod_ip_;
  std::string hostname_;           ///< in its UTS namespace
  std::optional<PodFiles> files_;  ///< once a container needs them
  PodFiles image_files_;           ///< … for those with an image
  Fd network_namespace_;           ///< none on the host's network
  std::unique_ptr<PauseClient> pause_;
  bool pause_gone_ = true;
  std::map<std::uint64_t, std::unique_ptr<ImageStart>> image_starts_;  ///< not instances yet
  std::map<std::uint64_t, std::unique_ptr<ContainerInstance>> instances_;
  std::map<std::uint64_t, std::unique_ptr<ChildProcess>> tidying_;  ///< after their ends; or null
  std::uint64_t next_tidying_ = 1;
  std::map<std::uint64_t, std::unique_ptr<Exec>> execs_;
  std::map<std::uint64_t, EndedRun> ended_;
  std::map<ContainerIndex, std::int64_t> ended_oom_kills_;
  std::optional<SandboxAdoption> adoption_;  ///< Adopting, Lost
  Timer stray_timer_;
  std::map<std::uint64_t, pid_t> unwanted_;  ///< of an earlier podvisor, to be killed
  Timer unwanted_timer_;
  std::shared_ptr<int> alive_ = std::make_shared<int>();  ///< expired: the sandbox is no more
};

}  // namespace podvisor
