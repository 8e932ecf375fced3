#include "runtime/pause_process.h"

#include <fcntl.h>
#include <spawn.h>

#include <vector>

#include "loop/seqpacket.h"
#include "pause/setup.h"
#include "runtime/adoption/pauses.h"

namespace podvisor {
namespace {

constexpr const char* kSocketName = "pause.sock";

/// Out of the way of the numbers that pause expects, so that no dup2 overwrites another's source.
Fd moved_up(int fd) { return Fd(fcntl(fd, F_DUPFD_CLOEXEC, 16)); }

struct FileActions {
  FileActions() { posix_spawn_file_actions_init(&raw); }
  ~FileActions() { posix_spawn_file_actions_destroy(&raw); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;
  posix_spawn_file_actions_t raw{};
};

std::vector<std::string> arguments(const PauseSettings& settings) {
  std::vector<std::string> argv{"podvisor-pause"};
  if (settings.network) argv.emplace_back("--net");
  if (settings.join_network >= 0) argv.emplace_back("--join-net");
  if (settings.ipc) argv.emplace_back("--ipc");
  if (settings.uts) argv.emplace_back("--uts");
  if (settings.pid) argv.emplace_back("--pid");
  for (const std::string& sysctl : settings.sysctls) argv.push_back("--sysctl=" + sysctl);
  if (!settings.hostname.empty()) argv.push_back("--hostname=" + settings.hostname);
  return argv;
}

/// posix_spawn: a fork of podvisor would copy its page tables.
Result<pid_t> spawn(const PauseSettings& settings, int listener) {
  const Fd listen_fd = moved_up(listener);
  const Fd network = settings.join_network >= 0 ? moved_up(settings.join_network) : Fd();
  FileActions actions;
  posix_spawn_file_actions_addopen(&actions.raw, 0, "/dev/null", O_RDWR, 0);
  posix_spawn_file_actions_adddup2(&actions.raw, 0, 1);
  posix_spawn_file_actions_adddup2(&actions.raw, 0, 2);
  posix_spawn_file_actions_adddup2(&actions.raw, listen_fd.get(), pause::kListenFd);
  if (network) posix_spawn_file_actions_adddup2(&actions.raw, network.get(), pause::kJoinNetworkFd);
  std::vector<std::string> words = arguments(settings);
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  std::string mark = pause_mark(settings.directory);
  char* environment[] = {mark.data(), nullptr};
  pid_t pid = 0;
  const int error = posix_spawn(&pid, settings.pause_path.c_str(), &actions.raw, nullptr,
                                argv.data(), environment);
  if (error != 0) return errno_error("cannot start " + settings.pause_path, error);
  return pid;
}

}  // namespace

Result<PauseProcess> start_pause(const PauseSettings& settings) {
  auto listener = listen_seqpacket(settings.directory, kSocketName);
  if (!listener) return tl::unexpected(listener.error());
  auto connection = connect_pause(settings.directory);
  if (!connection) return tl::unexpected(connection.error());
  auto pid = spawn(settings, listener->get());
  if (!pid) return tl::unexpected(pid.error());
  return PauseProcess{*pid, std::move(*connection)};
}

Result<Fd> connect_pause(const std::string& path) { return connect_seqpacket(path, kSocketName); }

}  // namespace podvisor
