// The caller's own terminal while a command elsewhere has it: keys go there, none means anything
// here.
#pragma once

#include <termios.h>

#include <optional>

#include "podvisor/ports/exec_streams.h"

namespace podvisor::cli {

class RawTerminal {
 public:
  /// `fd` is borrowed.
  explicit RawTerminal(int fd);
  ~RawTerminal();  ///< as it was before
  RawTerminal(const RawTerminal&) = delete;
  RawTerminal& operator=(const RawTerminal&) = delete;

 private:
  int fd_;
  std::optional<termios> before_;
};

/// Of the terminal `fd`; 0 by 0 where it is none.
[[nodiscard]] TerminalSize terminal_size(int fd);

}  // namespace podvisor::cli
