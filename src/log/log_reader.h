// Reads a container's log file for the API and the command line, as kubelet does for `kubectl logs`
// (LOG). Memory is bounded whatever the file holds; entries that are not CRI are skipped.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "log/cri_line.h"
#include "podvisor/fd.h"
#include "podvisor/result.h"
#include "podvisor/time.h"

namespace podvisor {

struct LogQuery {
  std::optional<std::int64_t> tail_lines;   ///< lines, however many entries each has
  bool timestamps = false;                  ///< each line begins with its time and a space
  std::optional<WallTime> since;            ///< nothing older
  std::optional<std::int64_t> limit_bytes;  ///< of content, timestamps included
  bool as_it_is = false;  ///< no entry that begins behind the end that the file has when opened
};

/// For reading. The error's errno is ENOENT when the container has no log (yet).
[[nodiscard]] Result<Fd> open_log_file(const std::string& path);

class LogReader {
 public:
  /// The error's errno is ENOENT when the container has no log (yet).
  [[nodiscard]] static Result<LogReader> open(const std::string& path, const LogQuery& query);
  /// The same of a file that is open already, by open_log_file(path).
  [[nodiscard]] static Result<LogReader> open(Fd file, const std::string& path,
                                              const LogQuery& query);
  /// Goes on at the start of `file`, which the log continues in: for when there was no more, and
  /// will be no more, in the one before. A line may begin in one and end in the other.
  void continue_in(Fd file);

  /// The next at most max_bytes (at least 1) of content, from where the last call stopped. Empty
  /// when there is no more now; to follow, call again when the file has grown. Entries of the two
  /// streams come in the file's order: a P entry may be followed by another stream's, as kubelet's.
  [[nodiscard]] Result<std::string> read_some(std::size_t max_bytes);
  /// limit_bytes are out: nothing more will come.
  [[nodiscard]] bool finished() const { return limit_ == 0; }

 private:
  enum class At : std::uint8_t { Header, Content, Skipped };

  LogReader(Fd file, std::string path, const LogQuery& query);
  [[nodiscard]] bool at_end() const;
  Result<bool> fill();
  bool take_header();
  bool take_content(std::string& out, std::size_t room);
  bool skip_line();
  [[nodiscard]] std::string_view unread() const {
    return std::string_view(block_).substr(position_);
  }

  Fd file_;
  std::string path_;
  bool timestamps_;
  std::optional<WallTime> since_;
  std::int64_t limit_;               ///< bytes left; negative: no limit
  std::int64_t offset_ = 0;          ///< of the next byte to read from the file
  std::optional<std::int64_t> end_;  ///< behind which no entry begins any more
  std::string block_;                ///< read, and from position_ on not consumed
  std::size_t position_ = 0;
  At at_ = At::Header;
  bool full_ = true;         ///< the entry at hand ends its line
  bool line_begins_ = true;  ///< the next content begins a line
  std::string prefix_;       ///< a timestamp that is not out yet
};

}  // namespace podvisor
