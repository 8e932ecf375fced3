// Follows commands that the test plays: it holds their ends of pipes.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <optional>
#include <vector>

#include "podvisor/ports/exec_streams.h"

namespace podvisor {

class FakeExecutor final : public StreamingExecutor {
 public:
  Result<ExecStreams> follow_exec(const PodUid&, ContainerRef ref, ExecRequest request,
                                  Executor::Done ended) override {
    if (failure) return tl::unexpected(*failure);
    asked = request;
    asked_ref = ref;
    done = std::move(ended);
    ExecStreams streams;
    streams.id = 7;
    if (request.stdin) make_pipe(command_in, streams.in, streams.in);
    if (request.stdout || request.tty) make_pipe(streams.out, command_out, streams.out);
    if (request.stderr) make_pipe(streams.err, command_err, streams.err);
    return streams;
  }
  void cancel(std::uint64_t exec) override { cancelled.push_back(exec); }

  /// The command ends.
  void end(ExecOutcome outcome) {
    command_out.reset();
    command_err.reset();
    command_in.reset();
    std::exchange(done, nullptr)(std::move(outcome));
  }

  std::optional<Error> failure;
  ExecRequest asked;
  ContainerRef asked_ref;
  Executor::Done done;
  Fd command_in, command_out, command_err;
  std::vector<std::uint64_t> cancelled;

 private:
  static void make_pipe(Fd& read, Fd& write, Fd& ours) {
    int fds[2];
    if (::pipe2(fds, O_CLOEXEC) != 0) return;
    read.reset(fds[0]);
    write.reset(fds[1]);
    ::fcntl(ours.get(), F_SETFL, O_NONBLOCK);
  }
};

}  // namespace podvisor
