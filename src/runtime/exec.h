// One command in a running container (EXE): its output or its streams, its time, its end.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "loop/deadline.h"
#include "loop/loop.h"
#include "podvisor/ports/runtime.h"
#include "runtime/container_instance.h"
#include "runtime/exec_stdio.h"
#include "runtime/pause_client.h"

namespace podvisor {

/// Ids of execs, in pause and for callers; containers have the others.
inline constexpr std::uint64_t kExecIds = std::uint64_t{1} << 63U;

class Exec {
 public:
  Exec(Loop& loop, std::uint64_t id);

  /// `done` is taken unless there is an error.
  [[nodiscard]] Status start(PauseClient& pause, const ContainerInstance& instance,
                             std::vector<std::string> argv, Duration timeout, Executor::Done& done);
  /// What it reads and writes is somebody else's.
  [[nodiscard]] Result<ExecStreams> follow(PauseClient& pause, const ContainerInstance& instance,
                                           ExecRequest request, Executor::Done& done);
  void spawned(pid_t pid);
  /// The following three answer, unless that has been done, and leave the exec to be destroyed.
  void spawn_failed(const SpawnFailure& failure);
  void exited(int wait_status);
  void fail(Error error);
  /// Kills what it started; exited() follows.
  void kill();
  /// kill(), and no answer.
  void cancel();
  /// Of the container that it runs in.
  [[nodiscard]] ContainerRef ref() const { return ref_; }

 private:
  /// Reads on after its share is kept, so that nobody blocks or dies writing.
  struct Output {
    Fd fd;
    std::unique_ptr<Poll> poll;
    std::string kept;
  };

  SpawnRequest begin(PauseClient& pause, const ContainerInstance& instance,
                     std::vector<std::string> argv);
  Result<Fd> open_output(Output& output);
  static bool read_some(Output& output);
  void on_timeout();
  [[nodiscard]] std::string output();
  void answer(ExecOutcome outcome);

  Loop& loop_;
  std::uint64_t id_;
  Executor::Done done_;
  PauseClient* pause_ = nullptr;
  pid_t pid_ = 0;
  ContainerRef ref_;
  bool killed_ = false;
  std::string program_;
  Output stdout_, stderr_;
  Deadline timeout_;
};

}  // namespace podvisor
