// One container instance's log file, in the CRI format (LOG-1 … LOG-4), fed from the container's
// stdout and stderr pipes. Loop thread only.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "log/cri_encoder.h"
#include "loop/loop.h"
#include "podvisor/fd.h"
#include "podvisor/result.h"
#include "runtime/logs/log_carry.h"
#include "runtime/logs/log_file.h"
#include "runtime/logs/log_share.h"

namespace podvisor {

class ContainerLog {
 public:
  /// Opens the file (LogFile) and reads the pipes from then on, as fast as `share` lets it; one
  /// that is not there has ended. Read ends become non-blocking. The clock of the entries is the
  /// loop's. With `carry` goes on where an earlier podvisor's was.
  [[nodiscard]] static Result<std::unique_ptr<ContainerLog>> open(
      Loop& loop, LogShare& share, const std::string& path, Fd stdout_pipe, Fd stderr_pipe,
      LogRotation rotation = {}, std::unique_ptr<LogCarry> carry = nullptr);
  /// What came of an unfinished line so far is written as a P entry (LOG-2).
  ~ContainerLog();
  ContainerLog(const ContainerLog&) = delete;
  ContainerLog& operator=(const ContainerLog&) = delete;

  /// Reads what is in the pipes now, and not what is written meanwhile. For after the container's
  /// end, when a grandchild elsewhere may still hold the pipes.
  void drain();
  /// What is written to a terminal is stdout's from now on; whatever stdout was has ended.
  void follow_terminal(Fd master);
  /// Borrowed; -1: there is none.
  [[nodiscard]] int terminal() const { return stdout_.terminal ? stdout_.fd.get() : -1; }
  /// Both pipes have reached their end.
  [[nodiscard]] bool ended() const { return !stdout_.poll && !stderr_.poll; }

 private:
  struct Pipe {
    explicit Pipe(LogStream stream) : encoder(stream) {}
    Fd fd;
    CriEncoder encoder;
    std::unique_ptr<Poll> poll;  ///< none once the pipe has ended
    StreamCarry* carry = nullptr;
    bool terminal = false;
  };

  ContainerLog(Loop& loop, LogShare& share, std::unique_ptr<LogFile> file,
               std::unique_ptr<LogCarry> carry);
  void resume(Pipe& pipe);
  void watch(Pipe& pipe, Fd fd);
  void on_readable(Pipe& pipe);
  void drain_terminal();
  std::size_t read_once(Pipe& pipe, std::size_t limit);
  ssize_t take(Pipe& pipe, std::size_t limit, WallTime now);
  void end(Pipe& pipe);

  Loop& loop_;
  LogShare& share_;
  std::unique_ptr<LogFile> file_;
  std::unique_ptr<LogCarry> carry_;
  Pipe stdout_{LogStream::Stdout};
  Pipe stderr_{LogStream::Stderr};
};

}  // namespace podvisor
