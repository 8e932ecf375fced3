// Commands inside running containers that somebody follows: what they read and write passes
// through whoever asked, instead of being collected (Executor). Loop thread only.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "podvisor/fd.h"
#include "podvisor/ports/runtime.h"
#include "podvisor/result.h"

namespace podvisor {

/// In characters; 0: unknown.
struct TerminalSize {
  std::uint16_t columns = 0;
  std::uint16_t rows = 0;
};

struct ExecRequest {
  std::vector<std::string> argv;
  bool stdin = false;  ///< false: /dev/null, as the next two
  bool stdout = false;
  bool stderr = false;
  bool tty = false;  ///< one terminal for all of them, of this size
  TerminalSize size;
};

/// The asker's ends, non-blocking. Of a terminal `in` and `out` are the same, and reading ends
/// with EIO when nobody has it open any more.
struct ExecStreams {
  std::uint64_t id = 0;
  Fd in;   ///< to write to; closing it is the command's end of file, but for a terminal
  Fd out;  ///< to read from
  Fd err;  ///< likewise; none with a terminal
};

class StreamingExecutor {
 public:
  virtual ~StreamingExecutor() = default;
  /// Runs it as Executor does. `done` is called once, later, unless the exec is cancelled: then
  /// what the command has written is in the streams. ExecOutcome::output only says why the
  /// program could not be executed.
  [[nodiscard]] virtual Result<ExecStreams> follow_exec(const PodUid& pod, ContainerRef ref,
                                                        ExecRequest request,
                                                        Executor::Done done) = 0;
  /// Kills everything that it has started and forgets `done`. Unknown ids do nothing.
  virtual void cancel(std::uint64_t exec) = 0;
};

}  // namespace podvisor
