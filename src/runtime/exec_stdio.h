// What a followed command reads from and writes to: pipes, or a terminal made where it runs.
// Blocking, but short.
#pragma once

#include <sys/types.h>

#include <optional>

#include "podvisor/fd.h"
#include "podvisor/ports/exec_streams.h"

namespace podvisor {

/// The command's ends, until it has been spawned. Those that are not there are /dev/null.
struct ExecStdio {
  Fd in, out, err;
  bool terminal = false;
};

struct ExecPlumbing {
  ExecStdio command;
  ExecStreams asker;  ///< without the id
};

/// `container`: a process of it; `owner`: whom the terminal belongs to, unset: podvisor's user.
[[nodiscard]] Result<ExecPlumbing> make_exec_stdio(const ExecRequest& request, pid_t container,
                                                   std::optional<uid_t> owner);

struct Terminal {
  Fd master;
  Fd slave;
};

/// A pseudo terminal of the container's own /dev/pts, so that its name means the same in there. No
/// link in the container's files leads out of them, and nothing but a terminal is opened.
[[nodiscard]] Result<Terminal> open_terminal(pid_t container, std::optional<uid_t> owner,
                                             TerminalSize size);

}  // namespace podvisor
