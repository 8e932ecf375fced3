#include "pause/setup.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/prctl.h>
#include <linux/wait.h>
#include <net/if.h>
#include <poll.h>
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

Failure failure(Step step, long result, std::uint32_t item = 0) {
  return {step, static_cast<int>(-result), item};
}

/// "net/ipv4/tcp_syncookies=0"; 0 or a negated errno. /proc/sys shows each process what its own
/// namespaces have.
long set_sysctl(char* setting) {
  char* value = setting;
  while (*value != '=' && *value != '\0') ++value;
  if (*value == '\0') return -EINVAL;
  *value++ = '\0';
  const long directory = sys(SYS_openat, AT_FDCWD, "/proc/sys", O_PATH | O_CLOEXEC);
  if (directory < 0) return directory;
  const long fd = sys(SYS_openat, directory, setting, O_WRONLY | O_CLOEXEC);
  close_fd(static_cast<int>(directory));
  if (fd < 0) return fd;
  const long written = sys(SYS_write, fd, value, std::strlen(value));
  close_fd(static_cast<int>(fd));
  return written;
}

Failure set_sysctls(const Options& options) {
  for (std::uint32_t i = 0; i < options.sysctl_count; ++i)
    if (const long result = set_sysctl(options.sysctls[i]); result < 0)
      return failure(Step::Sysctl, result, i);
  return {};
}

bool add_sysctl(char* setting, Options& options) {
  if (options.sysctl_count == kMaxSysctls) return false;
  options.sysctls[options.sysctl_count++] = setting;
  return true;
}

/// Ends with pause, also with one that has ended already: then nobody holds the other end of
/// `pause_lives` any more. SIGCHLD is blocked, as every signal is since become_pause(), so none is
/// missed.
[[noreturn]] void reap_forever(int pause_lives) {
  sys(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL);
  sys(SYS_dup3, pause_lives, 0, 0);
  sys(SYS_close_range, 1, ~0U, 0);
  pollfd ended{0, 0, 0};
  const timespec at_once{};
  if (sys(SYS_ppoll, &ended, 1, &at_once, 0, 0) != 0) exit_process(1);
  const unsigned long child = 1UL << (SIGCHLD - 1);
  for (;;) {
    while (sys(SYS_wait4, -1, 0, WNOHANG, 0) > 0) {
    }
    sys(SYS_rt_sigtimedwait, &child, 0, 0, kSignalSet);
  }
}

bool starts_with(const char* text, const char* prefix) {
  return std::strncmp(text, prefix, std::strlen(prefix)) == 0;
}

bool parse_option(char* argument, Options& options) {
  constexpr const char* kHostname = "--hostname=";
  constexpr const char* kSysctl = "--sysctl=";
  if (equal(argument, "--net")) return options.network = true;
  if (equal(argument, "--join-net")) return options.join_network = true;
  if (equal(argument, "--ipc")) return options.ipc = true;
  if (equal(argument, "--uts")) return options.uts = true;
  if (equal(argument, "--pid")) return options.pid = true;
  if (starts_with(argument, kSysctl)) return add_sysctl(argument + std::strlen(kSysctl), options);
  if (!starts_with(argument, kHostname)) return false;
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
  return set_sysctls(options);
}

/// Children of pause that come after it are in the namespace too, but pause itself is not: it
/// knows everybody by the pid that podvisor knows.
long start_init() {
  int pause_lives[2];
  long result = sys(SYS_pipe2, pause_lives, O_CLOEXEC);
  if (result >= 0) result = sys(SYS_unshare, CLONE_NEWPID);
  if (result < 0) return result;
  result = sys(SYS_clone, SIGCHLD, 0, 0, 0, 0);
  if (result == 0) reap_forever(pause_lives[0]);
  close_fd(pause_lives[0]);
  return result;
}

}  // namespace podvisor::pause
