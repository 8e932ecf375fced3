// The file behind a container's log: whole entries or none, and rotated once it has grown (LOG-5,
// LOG-6). Loop thread only; what takes time is done on another.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "loop/loop.h"
#include "podvisor/fd.h"
#include "podvisor/result.h"
#include "runtime/logs/log_rotation.h"

namespace podvisor {

class LogFile {
 public:
  /// Makes missing directories (0755) and the file (0640; appended to if it exists).
  [[nodiscard]] static Result<std::unique_ptr<LogFile>> open(Loop& loop, const std::string& path,
                                                             LogRotation rotation);
  ~LogFile();
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;

  /// A container must never wait for our disk to have room again: what cannot be written is
  /// dropped, in whole entries.
  void write(std::string_view entries);
  /// Rotates it if it has grown. Not by itself in write(): who counts on size() between two calls
  /// says when it may begin anew.
  void rotate_if_due();
  [[nodiscard]] std::int64_t size() const { return size_; }

 private:
  /// Shared with the thread that removes and compresses rotated files, which may outlive this.
  struct Tidying {
    std::atomic<bool> cancelled = false;
    bool abandoned = false;  ///< by this; the loop thread's
    Status result;
  };

  LogFile(Loop& loop, std::string path, Fd file, std::int64_t size, LogRotation rotation);
  [[nodiscard]] Status rotate();
  void tidy();
  void on_tidied(const Tidying& tidied);
  void report_failure(int error_number, std::size_t dropped);
  void report_recovery();

  Loop& loop_;
  std::string path_;
  Fd file_;
  std::int64_t size_;
  LogRotation rotation_;
  std::shared_ptr<Tidying> tidying_;  ///< while it goes on
  bool untidy_ = false;               ///< it has failed
  TimePoint rotate_not_before_;
  std::string cut_entry_;  ///< the rest of an entry that was written in part
  bool failing_ = false;
  std::uint64_t dropped_bytes_ = 0;  ///< since the file could last be written
};

}  // namespace podvisor
