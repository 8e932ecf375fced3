#include "pause/setup.h"

#include <fcntl.h>
#include <linux/prctl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

#include <cstring>

#include "pause/kernel.h"

namespace podvisor::pause {
namespace {

constexpr int kSignals = 64;
constexpr std::size_t kSignalSet = 8;

bool equal(const char* text, const char* word) {
  return std::strncmp(text, word, std::strlen(word) + 1) == 0;
}

/// Ignored signals would be inherited by every container; nothing but SIGKILL is to end pause.
void reset_signals() {
  const unsigned long by_default[8] = {};  // no handler, no flags, no mask
  for (int signal = 1; signal <= kSignals; ++signal)
    sys(SYS_rt_sigaction, signal, by_default, 0, kSignalSet);
  const unsigned long all = ~0UL;
  sys(SYS_rt_sigprocmask, SIG_SETMASK, &all, 0, kSignalSet);
}

/// Needs CAP_SYS_RESOURCE, which a container's podvisor does not have.
void avoid_oom_killer() {
  const long fd = sys(SYS_openat, AT_FDCWD, "/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (fd < 0) return;
  sys(SYS_write, fd, "-998", 4);
  sys(SYS_close, fd);
}

/// 0 or a negated errno.
long bring_loopback_up() {
  const long fd = sys(SYS_socket, AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return fd;
  ifreq request{};
  std::memcpy(request.ifr_name, "lo", 3);
  long result = sys(SYS_ioctl, fd, SIOCGIFFLAGS, &request);
  request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
  if (result == 0) result = sys(SYS_ioctl, fd, SIOCSIFFLAGS, &request);
  sys(SYS_close, fd);
  return result;
}

Failure failure(Step step, long result) { return {step, static_cast<int>(-result), 0}; }

bool parse_option(const char* argument, Options& options) {
  constexpr const char* kHostname = "--hostname=";
  if (equal(argument, "--net")) return options.network = true;
  if (equal(argument, "--join-net")) return options.join_network = true;
  if (equal(argument, "--ipc")) return options.ipc = true;
  if (equal(argument, "--uts")) return options.uts = true;
  if (std::strncmp(argument, kHostname, std::strlen(kHostname)) != 0) return false;
  options.hostname = argument + std::strlen(kHostname);
  return true;
}

}  // namespace

bool parse_options(int argc, char** argv, Options& options) {
  for (int i = 1; i < argc; ++i)
    if (!parse_option(argv[i], options)) return false;
  int type = 0;
  socklen_t size = sizeof type;
  return sys(SYS_getsockopt, kListenFd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 &&
         type == SOCK_SEQPACKET;
}

int become_pause(const Options& options) {
  reset_signals();
  sys(SYS_setsid);
  sys(SYS_umask, 022);
  avoid_oom_killer();
  sys(SYS_prctl, PR_SET_CHILD_SUBREAPER, 1);
  sys(SYS_chdir, "/");
  sys(SYS_close_range, (options.join_network ? kJoinNetworkFd : kListenFd) + 1, ~0U, 0);
  sys(SYS_fcntl, kListenFd, F_SETFD, FD_CLOEXEC);
  sys(SYS_fcntl, kListenFd, F_SETFL, O_NONBLOCK);
  const unsigned long child = 1UL << (SIGCHLD - 1);
  return static_cast<int>(sys(SYS_signalfd4, -1, &child, kSignalSet, SFD_CLOEXEC | SFD_NONBLOCK));
}

Failure make_namespaces(const Options& options) {
  long result = 0;
  if (options.join_network) {
    result = sys(SYS_setns, kJoinNetworkFd, CLONE_NEWNET);
    if (result < 0) return failure(Step::JoinNetwork, result);
    close_fd(kJoinNetworkFd);
  }
  const int flags = (options.network ? CLONE_NEWNET : 0) | (options.ipc ? CLONE_NEWIPC : 0) |
                    (options.uts ? CLONE_NEWUTS : 0);
  if (flags != 0) result = sys(SYS_unshare, flags);
  if (result < 0) return failure(Step::MakeNamespaces, result);
  if (options.hostname != nullptr)
    result = sys(SYS_sethostname, options.hostname, std::strlen(options.hostname));
  if (result < 0) return failure(Step::Hostname, result);
  if (options.network) result = bring_loopback_up();
  if (result < 0) return failure(Step::Loopback, result);
  return {};
}

}  // namespace podvisor::pause
