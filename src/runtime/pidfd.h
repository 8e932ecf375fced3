// Processes by descriptor: a pid may be another's by the time it is used, this can't. (Debian 12's
// <sys/pidfd.h> does not link from C++.)
#pragma once

#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include "podvisor/fd.h"

namespace podvisor {

/// Empty when there is no such process; errno says why. Close-on-exec.
[[nodiscard]] inline Fd open_pidfd(pid_t pid) {
  return Fd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
}

/// 0, or -1 and errno.
inline int signal_pidfd(const Fd& pidfd, int signal) {
  return static_cast<int>(syscall(SYS_pidfd_send_signal, pidfd.get(), signal, nullptr, 0));
}

}  // namespace podvisor
