// The command line: from words to an exit code.
#pragma once

#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include "daemon/options.h"
#include "manifest/present.h"
#include "podvisor/result.h"
#include "podvisor/time.h"

namespace podvisor::cli {

/// What a command talks to. Streams are borrowed.
struct Console {
  std::ostream& out;
  std::ostream& err;
  std::function<WallTime()> now;
  DiagnosticStyle diagnostics{};  ///< of what goes to `err`
};

/// What `run` and `serve` start.
struct DaemonEntry {
  std::function<int(const DaemonOptions&)> run;
  std::function<int(const DaemonOptions&)> serve;
  /// What keeps a pod from running on this host, for `validate --host`.
  std::function<std::vector<Diagnostic>(const LoadedPod&)> check_host{};
};

/// Runs `arguments` (without the program's name) and returns the exit code: 0, or 1 with the reason
/// on console.err. Output that could not be written is a failure too.
[[nodiscard]] int command_line(std::vector<std::string> arguments, const Console& console,
                               const DaemonEntry& daemon);

}  // namespace podvisor::cli
