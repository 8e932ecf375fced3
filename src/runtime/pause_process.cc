#include "runtime/pause_process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "pause/setup.h"

namespace podvisor {
namespace {

constexpr const char* kSocketName = "pause.sock";

/// The address by way of a directory descriptor: sun_path holds 108 bytes, paths may be longer.
sockaddr_un socket_address(int directory) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = "/proc/self/fd/" + std::to_string(directory) + "/" + kSocketName;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

Result<Fd> open_directory(const std::string& path) {
  Fd directory(open(path.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!directory) return errno_error("cannot open " + path, errno);
  return directory;
}

Result<Fd> make_socket() {
  Fd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return errno_error("cannot make a Unix socket", errno);
  return socket;
}

Result<Fd> listen_in(const std::string& path) {
  auto directory = open_directory(path);
  if (!directory) return directory;
  auto socket = make_socket();
  if (!socket) return socket;
  const sockaddr_un address = socket_address(directory->get());
  unlinkat(directory->get(), kSocketName, 0);
  // The mode is set before the name exists, so that nobody else ever gets in.
  if (fchmod(socket->get(), 0600) != 0 ||
      bind(socket->get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      listen(socket->get(), 4) != 0)
    return errno_error("cannot listen on " + path + "/" + kSocketName, errno);
  return socket;
}

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
  char* no_environment[] = {nullptr};
  pid_t pid = 0;
  const int error = posix_spawn(&pid, settings.pause_path.c_str(), &actions.raw, nullptr,
                                argv.data(), no_environment);
  if (error != 0) return errno_error("cannot start " + settings.pause_path, error);
  return pid;
}

}  // namespace

Result<PauseProcess> start_pause(const PauseSettings& settings) {
  auto listener = listen_in(settings.directory);
  if (!listener) return tl::unexpected(listener.error());
  auto connection = connect_pause(settings.directory);
  if (!connection) return tl::unexpected(connection.error());
  auto pid = spawn(settings, listener->get());
  if (!pid) return tl::unexpected(pid.error());
  return PauseProcess{*pid, std::move(*connection)};
}

Result<Fd> connect_pause(const std::string& path) {
  auto directory = open_directory(path);
  if (!directory) return directory;
  auto socket = make_socket();
  if (!socket) return socket;
  const sockaddr_un address = socket_address(directory->get());
  if (connect(socket->get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return errno_error("cannot connect to " + path + "/" + kSocketName, errno);
  return socket;
}

}  // namespace podvisor
