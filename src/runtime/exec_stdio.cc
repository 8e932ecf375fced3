#include "runtime/exec_stdio.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

namespace podvisor {
namespace {

/// Documentation/admin-guide/devices.txt: /dev/ptmx.
constexpr unsigned kPtmxMajor = 5, kPtmxMinor = 2;

/// Not opened, only found.
Fd find_inside(int root, const char* path) {
  open_how how{};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  return Fd(static_cast<int>(::syscall(SYS_openat2, root, path, &how, sizeof how)));
}

bool is_ptmx(int fd) {
  struct stat found {};
  return ::fstat(fd, &found) == 0 && S_ISCHR(found.st_mode) &&
         found.st_rdev == makedev(kPtmxMajor, kPtmxMinor);
}

Fd open_ptmx(int root, const char* path) {
  const Fd place = find_inside(root, path);
  if (!place) return {};
  if (!is_ptmx(place.get())) {
    errno = ENODEV;
    return {};
  }
  const std::string again = "/proc/self/fd/" + std::to_string(place.get());
  return Fd(::open(again.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK));
}

Status make_pipe(Fd& read, Fd& write, Fd& asker) {
  int fds[2];
  if (::pipe2(fds, O_CLOEXEC) != 0) return errno_error("cannot make a pipe", errno);
  read.reset(fds[0]);
  write.reset(fds[1]);
  ::fcntl(asker.get(), F_SETFL, O_NONBLOCK);
  return {};
}

Result<ExecPlumbing> make_terminal(const ExecRequest& request, pid_t container,
                                   std::optional<uid_t> owner) {
  auto terminal = open_terminal(container, owner, request.size);
  if (!terminal) return tl::unexpected(terminal.error());
  ExecPlumbing made;
  made.command.terminal = true;
  made.command.out.reset(::fcntl(terminal->slave.get(), F_DUPFD_CLOEXEC, 0));
  made.command.err.reset(::fcntl(terminal->slave.get(), F_DUPFD_CLOEXEC, 0));
  made.command.in = std::move(terminal->slave);
  made.asker.in.reset(::fcntl(terminal->master.get(), F_DUPFD_CLOEXEC, 0));
  made.asker.out = std::move(terminal->master);
  if (!made.command.out || !made.command.err || !made.asker.in)
    return errno_error("cannot duplicate a terminal's descriptor", errno);
  return made;
}

}  // namespace

Result<ExecPlumbing> make_exec_stdio(const ExecRequest& request, pid_t container,
                                     std::optional<uid_t> owner) {
  if (request.tty) return make_terminal(request, container, owner);
  ExecPlumbing made;
  struct {
    bool wanted;
    Fd *read, *write, *asker;
  } const pipes[] = {
      {request.stdin, &made.command.in, &made.asker.in, &made.asker.in},
      {request.stdout, &made.asker.out, &made.command.out, &made.asker.out},
      {request.stderr, &made.asker.err, &made.command.err, &made.asker.err},
  };
  for (const auto& pipe : pipes) {
    if (!pipe.wanted) continue;
    if (Status piped = make_pipe(*pipe.read, *pipe.write, *pipe.asker); !piped)
      return tl::unexpected(piped.error());
  }
  return made;
}

Result<Terminal> open_terminal(pid_t container, std::optional<uid_t> owner, TerminalSize size) {
  const std::string path = "/proc/" + std::to_string(container) + "/root";
  const Fd root(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root) return errno_error("cannot open the container's root directory", errno);
  Terminal terminal{open_ptmx(root.get(), "dev/pts/ptmx"), Fd()};
  // Where /dev/pts is the host's, its own ptmx is often for nobody.
  if (!terminal.master) terminal.master = open_ptmx(root.get(), "dev/ptmx");
  if (!terminal.master) return errno_error("cannot open the container's /dev/ptmx", errno);
  const int master = terminal.master.get();
  int locked = 0;
  if (::ioctl(master, TIOCSPTLCK, &locked) != 0)
    return errno_error("cannot unlock a terminal of the container", errno);
  terminal.slave.reset(::ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!terminal.slave) return errno_error("cannot open a terminal of the container", errno);
  if (owner && ::fchown(terminal.slave.get(), *owner, static_cast<gid_t>(-1)) != 0)
    return errno_error("cannot give a terminal to user " + std::to_string(*owner), errno);
  const winsize window{size.rows, size.columns, 0, 0};
  ::ioctl(master, TIOCSWINSZ, &window);  // cannot fail on a terminal
  return terminal;
}

}  // namespace podvisor
