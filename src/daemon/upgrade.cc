#include "daemon/upgrade.h"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>

namespace podvisor {
namespace {

constexpr std::array kSignals = {SIGINT, SIGTERM, SIGUSR2};

void mask(int how) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : kSignals) sigaddset(&set, signal);
  pthread_sigmask(how, &set, nullptr);
}

}  // namespace

void hold_signals() { mask(SIG_BLOCK); }

void hear_held_signals() { mask(SIG_UNBLOCK); }

void reap_children() {
  while (::waitpid(-1, nullptr, WNOHANG) > 0) {
  }
}

OwnCommand own_command() {
  constexpr std::string_view kReplaced = " (deleted)";  // as the kernel says of a file that is gone
  OwnCommand command;
  std::error_code error;
  command.program = std::filesystem::read_symlink("/proc/self/exe", error).string();
  if (command.program.ends_with(kReplaced))
    command.program.resize(command.program.size() - kReplaced.size());
  std::ifstream line("/proc/self/cmdline", std::ios::binary);
  for (std::string argument; std::getline(line, argument, '\0');)
    command.arguments.push_back(argument);
  return command;
}

Error replace_by(const OwnCommand& command) {
  std::vector<char*> argv;
  for (const std::string& argument : command.arguments)
    argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  std::signal(SIGPIPE, SIG_DFL);  // what is ignored would stay so
  ::execv(command.program.c_str(), argv.data());
  return errno_error("podvisor has ended, its pods run on; execute " + command.program, errno)
      .value();
}

}  // namespace podvisor
