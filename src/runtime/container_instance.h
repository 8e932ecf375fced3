// One run of one container: its cgroup, its log, its process tree, from spawn to the last process.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "podvisor/pod_state.h"
#include "runtime/adoption/container_record.h"
#include "runtime/image_run.h"
#include "runtime/logs/container_log.h"
#include "runtime/pause_client.h"
#include "runtime/pod_files/pod_files.h"
#include "runtime/process_spec.h"
#include "runtime/runtime_context.h"
#include "runtime/spawn_request.h"
#include "runtime/start_failure.h"
#include "runtime/volumes/volumes.h"

namespace podvisor {

/// The id that a run of a container has with pause; it can be read back after re-adoption.
[[nodiscard]] std::uint64_t pause_id(ContainerRef ref);
/// The cgroup of a run within its pod's.
[[nodiscard]] std::string cgroup_name(const std::string& container, int instance, bool image);

class ContainerInstance {
 public:
  /// What it is made in.
  struct Surroundings {
    PodFacts facts;
    const PodFiles& files;
    pid_t pause = 0;
  };
  /// Makes everything that the process needs. Nothing is left on an error, but for what leavings()
  /// of `image` says. `image`: null for a plain process.
  [[nodiscard]] static StartResult<std::unique_ptr<ContainerInstance>> make(
      const RuntimeContext& context, const Pod& pod, ContainerRef ref,
      const Surroundings& surroundings, std::shared_ptr<ImageRun> image);

  /// One that an earlier podvisor made, and that pause still knows: its process, or its image's
  /// runtime, runs or has ended. What cannot be had of it again it goes without.
  [[nodiscard]] static std::unique_ptr<ContainerInstance> adopt(const RuntimeContext& context,
                                                                const Pod& pod,
                                                                ContainerRecord record,
                                                                PauseChild child, pid_t pause);

  /// The answer is spawned() or spawn_failed(), to be called by whoever hears from pause. With an
  /// image what is spawned is its OCI runtime, and runtime_ended() comes before spawned().
  [[nodiscard]] StartResult<void> spawn(PauseClient& pause);
  [[nodiscard]] bool awaits_runtime() const { return image_ != nullptr && awaits_runtime_; }
  /// The container's pid, for PauseClient::adopt(), or why there is no container.
  [[nodiscard]] StartResult<pid_t> runtime_ended(int wait_status);
  void spawned(pid_t pid);
  /// The instance is to be destroyed then.
  [[nodiscard]] StartFailure spawn_failed(const SpawnFailure& failure);

  void signal(PauseClient& pause, int signal) const;
  /// SIGKILL to everything; the main process's exit follows.
  void kill(PauseClient& pause);
  /// The main process ended: everything else goes too, then `ended` is called, last of all.
  void main_exited(pid_t pause, int wait_status, std::function<void()> ended);
  /// The same with pause gone, which took the exit status with it.
  void abandon(std::function<void()> ended);
  /// What became of it: after `ended`, with the log complete and the cgroup removed.
  [[nodiscard]] pod_event::ContainerExited conclude();

  /// Looks whether it was hit by the OOM killer while nobody watched.
  void look_for_oom() { on_oom(); }

  /// Why it can't have execs, if it can't.
  [[nodiscard]] Status may_exec() const;
  /// Runs `argv` as the container's process was: user, environment, cgroup, mounts.
  [[nodiscard]] SpawnRequest exec_request(std::uint64_t id, std::vector<std::string> argv) const;
  [[nodiscard]] std::optional<ContainerUsage> usage() const;
  [[nodiscard]] std::int64_t oom_kills() const;  ///< during this run

  [[nodiscard]] ContainerRef ref() const { return ref_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  /// The master of its terminal, borrowed; -1: it has none.
  [[nodiscard]] int terminal() const { return log_ ? log_->terminal() : -1; }
  [[nodiscard]] const std::shared_ptr<ImageRun>& image() const { return image_; }
  [[nodiscard]] bool killed() const { return killed_; }  ///< before it was spawned
  [[nodiscard]] pid_t pid() const { return pid_; }       ///< 0: not yet
  [[nodiscard]] bool running() const { return stage_ == Stage::Running; }

 private:
  enum class Stage : std::uint8_t { Starting, Running, Ending };

  ContainerInstance(const RuntimeContext& context, const Pod& pod, ContainerRef ref);
  StartResult<void> prepare(const Pod& pod, const Surroundings& surroundings);
  StartResult<void> prepare_mounts(const Pod& pod, const PodFiles& files);
  StartResult<void> prepare_bundle(const Pod& pod, const Surroundings& surroundings);
  Result<std::vector<FileMount>> own_files(const Container& container, const PodFiles& files);
  Status add_termination_log(const Container& container, std::vector<FileMount>& files);
  [[nodiscard]] std::string own_cgroup() const;
  StartResult<void> enter_cgroup(const Pod& pod);
  StartResult<void> open_log(const Pod& pod);
  StartResult<void> open_stdin(const Container& container);
  [[nodiscard]] Status write_record() const;
  void resume(const Pod& pod, PauseChild child);
  void resume_cgroup();
  Status resume_log(const Pod& pod, std::vector<Fd> kept);
  void open_mount_namespace();
  void set_place(SpawnRequest& request) const;
  [[nodiscard]] std::string termination_message(int exit_code);
  void sweep();
  void note_end();
  void note_process();
  bool kill_rest();
  [[nodiscard]] bool remove_cgroup();
  void on_oom();
  void report_oom();

  const RuntimeContext& context_;
  PodUid uid_;
  ContainerRef ref_;
  std::string name_;
  std::shared_ptr<ImageRun> image_;  ///< null: a plain process
  ContainerRecord record_;
  bool awaits_runtime_ = false;
  bool killed_ = false;
  int stop_signal_ = 0;  ///< of the image, where the manifest has none; 0: none
  Stage stage_ = Stage::Starting;
  ProcessSpec spec_;
  std::unique_ptr<Cgroup> cgroup_;
  Confinement confinement_;
  std::optional<Error> no_exec_;  ///< why there can be none
  FileView view_;
  std::vector<Mount> mounts_;
  std::string termination_log_;     ///< the file that is mounted; empty: none
  bool message_from_logs_ = false;  ///< MSG-3
  std::vector<Fd> runtime_tasks_;   ///< of cgroups beyond cgroup_, for execs
  Fd mount_namespace_;              ///< once it runs, if it has one
  Fd stdout_write_, stderr_write_;  ///< until it is spawned
  Fd stdout_kept_, stderr_kept_;    ///< as well
  Fd log_memory_;                   ///< as well
  Fd stdin_read_, stdin_kept_;      ///< as well; where it is /dev/null they are not there
  std::string log_file_;
  std::unique_ptr<ContainerLog> log_;
  pid_t pid_ = 0;
  pid_t pause_ = 0;  ///< 0: gone
  int wait_status_ = 0;
  std::function<void()> ended_;
  Duration sweep_delay_;
  Timer sweep_timer_;
  Timer oom_timer_;
};

}  // namespace podvisor
