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

namespace podvisor {

class ContainerLog {
 public:
  /// Makes missing directories (0755) and the file (0640; appended to if it exists), and reads the
  /// pipes from then on. Read ends become non-blocking. The clock is the loop's.
  [[nodiscard]] static Result<std::unique_ptr<ContainerLog>> open(Loop& loop,
                                                                  const std::string& path,
                                                                  Fd stdout_pipe, Fd stderr_pipe);
  /// What came of an unfinished line so far is written as a P entry (LOG-2).
  ~ContainerLog();
  ContainerLog(const ContainerLog&) = delete;
  ContainerLog& operator=(const ContainerLog&) = delete;

  /// Reads what is in the pipes now, and not what is written meanwhile. For after the container's
  /// end, when a grandchild elsewhere may still hold the pipes.
  void drain();
  /// Both pipes have reached their end.
  [[nodiscard]] bool ended() const { return !stdout_.poll && !stderr_.poll; }

 private:
  struct Pipe {
    explicit Pipe(LogStream stream) : encoder(stream) {}
    Fd fd;
    CriEncoder encoder;
    std::unique_ptr<Poll> poll;  ///< none once the pipe has ended
  };

  ContainerLog(Loop& loop, std::string path, Fd file);
  void watch(Pipe& pipe, Fd fd);
  std::size_t read_once(Pipe& pipe, std::size_t limit);
  void encode(Pipe& pipe, std::string_view bytes);
  void end(Pipe& pipe);
  void write_entries(std::string_view entries);
  void report_failure(int error_number, std::size_t dropped);
  void report_recovery();

  Loop& loop_;
  std::string path_;
  Fd file_;
  Pipe stdout_{LogStream::Stdout};
  Pipe stderr_{LogStream::Stderr};
  std::string cut_entry_;  ///< the rest of an entry that was written in part
  bool failing_ = false;
  std::uint64_t dropped_bytes_ = 0;  ///< since the file could last be written
};

}  // namespace podvisor
