#include <unistd.h>

#include <iostream>

#include "cli/command_line.h"
#include "daemon/host_check.h"
#include "daemon/options.h"

namespace {

podvisor::WallTime wall_clock() {
  return std::chrono::time_point_cast<podvisor::Duration>(std::chrono::system_clock::now());
}

}  // namespace

int main(int argc, char** argv) {
  const podvisor::cli::Console console{std::cout, std::cerr, wall_clock,
                                       podvisor::style_for(STDERR_FILENO)};
  const podvisor::cli::DaemonEntry daemon{podvisor::run, podvisor::serve, podvisor::check_host};
  return podvisor::cli::command_line({argv + 1, argv + argc}, console, daemon);
}
