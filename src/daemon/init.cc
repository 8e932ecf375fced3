#include "daemon/init.h"

#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "log/logger.h"
#include "podvisor/result.h"

namespace podvisor {
namespace {

/// Reaps whoever has ended; the exit code of `child`, if it was among them.
std::optional<int> reap(pid_t child) {
  std::optional<int> ended;
  int status = 0;
  for (pid_t pid = 0; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;)
    if (pid == child) ended = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return ended;
}

/// What the kernel says of a process's own doings, or of its terminal, is not meant for another.
bool is_passed_on(int signal) {
  for (const int own : {SIGCHLD, SIGTTIN, SIGTTOU, SIGTSTP, SIGPIPE, SIGSEGV, SIGBUS, SIGFPE,
                        SIGILL, SIGTRAP, SIGABRT, SIGSYS})
    if (signal == own) return false;
  return true;
}

int serve_as_init(pid_t child, const sigset_t& all, int terminate) {
  for (;;) {
    if (const auto ended = reap(child)) return *ended;
    const int signal = ::sigwaitinfo(&all, nullptr);
    if (signal > 0 && is_passed_on(signal)) ::kill(child, signal == SIGTERM ? terminate : signal);
  }
}

/// A terminal's Ctrl-C comes to podvisor alone, and not once more by way of the init.
void take_the_terminal() {
  const bool is_ours = ::tcgetpgrp(STDIN_FILENO) == ::getpgrp();
  ::setpgid(0, 0);
  if (is_ours) ::tcsetpgrp(STDIN_FILENO, ::getpgrp());  // SIGTTOU is blocked
}

}  // namespace

Init stand_behind_init(int terminate) {
  if (::getpid() != 1) return {};
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, &before);  // before there is anybody to wait for
  const pid_t child = ::fork();
  if (child > 0) return {.exit_code = serve_as_init(child, all, terminate)};
  if (child == 0) take_the_terminal();
  const int error = errno;
  sigprocmask(SIG_SETMASK, &before, nullptr);
  if (child < 0) {
    log_warning("orphans will not be reaped: there is no process left for an init",
                {{"error", errno_error("fork", error).value().message}});
    return {};
  }
  return {.above = true};
}

}  // namespace podvisor
