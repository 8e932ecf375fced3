// Turns the bytes of one stream, however they were cut by the pipe, into CRI entries. Pure: no
// clock, no file. Holds at most one piece of an unfinished line.
#pragma once

#include <string>
#include <string_view>

#include "log/cri_line.h"
#include "podvisor/time.h"

namespace podvisor {

class CriEncoder {
 public:
  explicit CriEncoder(LogStream stream) : stream_(stream) {}

  /// Appends an entry to `out` for each line or 16 KiB piece that is complete (LOG-3). All entries
  /// of one call carry `now`.
  void feed(std::string_view bytes, WallTime now, std::string& out);
  /// What there is of a line so far.
  [[nodiscard]] const std::string& unfinished() const { return unfinished_; }
  /// Goes on with what another had of one.
  void resume(std::string_view unfinished) { unfinished_ = unfinished; }
  /// An unfinished line becomes a P entry (LOG-2).
  void finish(WallTime now, std::string& out);

 private:
  void append_entry(std::string& out, std::string_view header, std::string_view content);

  LogStream stream_;
  std::string unfinished_;  ///< at most kMaxCriContent bytes, no newline in them
};

}  // namespace podvisor
