// Runs an exec to its end: between this process's own stdin, stdout and stderr and the command's.
#pragma once

#include <string>

#include "cli/exec_connection.h"
#include "podvisor/result.h"

namespace podvisor::cli {

struct ExecTerminals {
  bool stdin = false;  ///< what comes on descriptor 0 is the command's
  bool tty = false;    ///< descriptor 0 is a terminal, and it has another
};

/// The command's exit code; 128 + N when signal N ended this end first. The error says why there
/// is none.
[[nodiscard]] Result<int> follow_command(ExecConnection& connection, ExecTerminals terminals);

/// The exit code in the Status that ends an exec, or what went wrong. Pure.
[[nodiscard]] Result<int> exit_code_in(const std::string& status);

}  // namespace podvisor::cli
