#include "runtime/exec.h"

#include <fcntl.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

#include "runtime/process_tree.h"
#include "runtime/spawn_failure.h"

namespace podvisor {
namespace {

constexpr std::size_t kMaxOutput = 10240;  // EXE-2
/// What a pipe may hold, generously: background writers must not keep the end from being reached.
constexpr int kMaxReadsAtEnd = 64;

/// As containerd says it, where the container has no word of its own.
void name_terminal(std::vector<std::string>& env) {
  const auto named = [](const std::string& each) { return each.starts_with("TERM="); };
  if (std::ranges::none_of(env, named)) env.emplace_back("TERM=xterm");
}

}  // namespace

Exec::Exec(Loop& loop, std::uint64_t id)
    : loop_(loop), id_(id), timeout_(loop, [this] { on_timeout(); }) {}

Status Exec::start(PauseClient& pause, const ContainerInstance& instance,
                   std::vector<std::string> argv, Duration timeout, Executor::Done& done) {
  SpawnRequest request = begin(pause, instance, std::move(argv));
  auto out = open_output(stdout_);
  if (!out) return tl::unexpected(out.error());
  auto err = open_output(stderr_);
  if (!err) return tl::unexpected(err.error());
  request.stdout_fd = out->get();
  request.stderr_fd = err->get();
  if (Status sent = pause.spawn(request); !sent) return sent;
  if (timeout != kNoTimeout) timeout_.start(timeout);
  done_ = std::move(done);
  return {};
}

SpawnRequest Exec::begin(PauseClient& pause, const ContainerInstance& instance,
                         std::vector<std::string> argv) {
  pause_ = &pause;
  ref_ = instance.ref();
  if (!argv.empty()) program_ = argv.front();
  return instance.exec_request(id_, std::move(argv));
}

Result<ExecStreams> Exec::follow(PauseClient& pause, const ContainerInstance& instance,
                                 ExecRequest request, Executor::Done& done) {
  SpawnRequest spawn = begin(pause, instance, std::move(request.argv));
  auto made = make_exec_stdio(request, instance.pid(), spawn.uid);
  if (!made) return tl::unexpected(made.error());
  const ExecStdio& stdio = made->command;
  spawn.stdin_fd = stdio.in.get();
  spawn.stdout_fd = stdio.out.get();
  spawn.stderr_fd = stdio.err.get();
  spawn.terminal = stdio.terminal;
  if (spawn.terminal) name_terminal(spawn.env);
  if (Status sent = pause.spawn(spawn); !sent) return tl::unexpected(sent.error());
  done_ = std::move(done);
  made->asker.id = id_;
  return std::move(made->asker);
}

/// Returns the end to write to.
Result<Fd> Exec::open_output(Output& output) {
  int fds[2];
  if (pipe2(fds, O_CLOEXEC) != 0) return errno_error("cannot make a pipe", errno);
  fcntl(fds[0], F_SETFL, O_NONBLOCK);
  output.fd.reset(fds[0]);
  output.poll = std::make_unique<Poll>(loop_, fds[0], [&output](int, int) { read_some(output); });
  output.poll->start(UV_READABLE);
  return Fd(fds[1]);
}

/// False when there is nothing to read now.
bool Exec::read_some(Output& output) {
  if (!output.poll) return false;
  std::array<char, 16384> block;
  const ssize_t size = read(output.fd.get(), block.data(), block.size());
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  if (size <= 0) {
    output.poll.reset();
    return false;
  }
  const std::size_t room = kMaxOutput - output.kept.size();
  output.kept.append(block.data(), std::min(room, static_cast<std::size_t>(size)));
  return true;
}

void Exec::spawned(pid_t pid) {
  pid_ = pid;
  if (killed_) kill();
}

void Exec::spawn_failed(const SpawnFailure& failure) {
  ExecOutcome outcome;
  outcome.exit_code = shell_exit_code(failure);
  if (outcome.exit_code == 0) {
    ProcessSpec unknown;
    return fail({explain(failure, unknown), failure.error_number});
  }
  outcome.output = explain_exec(program_, failure.error_number);
  answer(std::move(outcome));
}

void Exec::exited(int wait_status) {
  ExecOutcome outcome;
  outcome.exit_code =
      WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
  outcome.output = output();
  answer(std::move(outcome));
}

void Exec::fail(Error error) {
  ExecOutcome outcome;
  outcome.error = std::move(error);
  answer(std::move(outcome));
}

/// The answer does not wait for the kernel to be done with what was killed.
void Exec::on_timeout() {
  kill();
  ExecOutcome outcome;
  outcome.timed_out = true;
  outcome.exit_code = 128 + SIGKILL;
  outcome.output = output();
  answer(std::move(outcome));
}

void Exec::cancel() {
  done_ = nullptr;
  timeout_.stop();
  kill();
}

/// A spawn that is still on its way is killed when its pid is known.
void Exec::kill() {
  killed_ = true;
  if (pid_ != 0) kill_tree(pause_->pid(), pid_);
}

/// EXE-2.
std::string Exec::output() {
  for (Output* stream : {&stdout_, &stderr_})
    for (int reads = 0; reads < kMaxReadsAtEnd && read_some(*stream); ++reads) {
    }
  std::string both = stdout_.kept + stderr_.kept;
  if (both.size() > kMaxOutput) both.resize(kMaxOutput);
  return both;
}

void Exec::answer(ExecOutcome outcome) {
  timeout_.stop();
  if (!done_) return;
  const Executor::Done done = std::exchange(done_, nullptr);
  done(std::move(outcome));
}

}  // namespace podvisor
