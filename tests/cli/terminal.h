// A command line run in a test: what it printed and how it ended.
#pragma once

#include <initializer_list>
#include <sstream>
#include <string>
#include <vector>

#include "cli/command_line.h"
#include "cli/text.h"

namespace podvisor::cli {

struct Ran {
  int exit_code = -1;
  std::string out;
  std::string err;
};

inline Ran run_command(std::vector<std::string> arguments, const DaemonEntry& daemon = {}) {
  std::ostringstream out;
  std::ostringstream err;
  const Console console{out, err, [] { return *parse_time("2026-03-01T12:10:00Z"); }};
  const int exit_code = command_line(std::move(arguments), console, daemon);
  return {exit_code, out.str(), err.str()};
}

}  // namespace podvisor::cli
