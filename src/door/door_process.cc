#include "door/door_process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <vector>

#include "loop/seqpacket.h"

namespace podvisor {
namespace {

/// While the door is being restarted, clients wait in this queue.
constexpr int kBacklog = 4096;

struct TcpAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

std::string without_colons(std::string address) {
  std::replace(address.begin(), address.end(), ':', '_');
  return address;
}

Result<TcpAddress> tcp_address(const std::string& address, std::uint16_t port) {
  TcpAddress result;
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  if (inet_pton(AF_INET, address.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    std::memcpy(&result.storage, &v4, result.size = sizeof v4);
    return result;
  }
  const bool every = address.empty();
  if (!every && inet_pton(AF_INET6, address.c_str(), &v6.sin6_addr) != 1)
    return make_error("\"" + address + "\" is not an IP address to listen on");
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  std::memcpy(&result.storage, &v6, result.size = sizeof v6);
  return result;
}

Result<Fd> listen_at(const TcpAddress& address, bool both_families, const std::string& what) {
  Fd socket(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return errno_error(what, errno);
  const int on = 1;
  const int v6_only = both_families ? 0 : 1;
  setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (address.storage.ss_family == AF_INET6)
    setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &v6_only, sizeof v6_only);
  if (bind(socket.get(), reinterpret_cast<const sockaddr*>(&address.storage), address.size) != 0 ||
      listen(socket.get(), kBacklog) != 0)
    return errno_error(what, errno);
  return socket;
}

}  // namespace

Result<Fd> listen_for_door(const std::string& address, std::uint16_t port) {
  const std::string what = "cannot listen on " + (address.empty() ? "port" : address + " port") +
                           " " + std::to_string(port);
  const auto where = tcp_address(address, port);
  if (!where) return with_context(what, where.error());
  auto socket = listen_at(*where, address.empty(), what);
  const bool no_ipv6 =
      !socket && address.empty() &&
      (socket.error().error_number == EAFNOSUPPORT || socket.error().error_number == EADDRNOTAVAIL);
  return no_ipv6 ? listen_for_door("0.0.0.0", port) : std::move(socket);
}

bool listens_at(const Fd& socket, const std::string& address, std::uint16_t port) {
  int listening = 0;
  socklen_t size = sizeof listening;
  if (getsockopt(socket.get(), SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0 || listening == 0)
    return false;
  const std::string name = socket_name(socket);
  const std::string end = "-" + std::to_string(port);
  if (address.empty()) return name == "__" + end || name == "0.0.0.0" + end;
  return name == without_colons(address) + end;
}

std::string socket_name(const Fd& socket) {
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  if (getsockname(socket.get(), reinterpret_cast<sockaddr*>(&bound), &size) != 0) return {};
  std::array<char, INET6_ADDRSTRLEN> text{};
  const auto* v4 = reinterpret_cast<const sockaddr_in*>(&bound);
  const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&bound);
  const bool is_v4 = bound.ss_family == AF_INET;
  if (!is_v4 && bound.ss_family != AF_INET6) return {};
  const void* address = is_v4 ? static_cast<const void*>(&v4->sin_addr) : &v6->sin6_addr;
  inet_ntop(bound.ss_family, address, text.data(), text.size());
  return without_colons(text.data()) + "-" +
         std::to_string(ntohs(is_v4 ? v4->sin_port : v6->sin6_port));
}

namespace door {
namespace {

constexpr const char* kSocketName = "door.sock";

struct SpawnSettings {
  SpawnSettings() {
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
  }
  ~SpawnSettings() {
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;
  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
};

/// A session of its own, so that no terminal reaches it, and no signal's state of podvisor's.
void detach(posix_spawnattr_t& attributes) {
  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

Result<pid_t> spawn(const std::string& path, int listener, unsigned workers, uid_t user) {
  // Out of the way of the numbers that are given, so that no dup2 overwrites another's source.
  const Fd control(fcntl(listener, F_DUPFD_CLOEXEC, 16));
  SpawnSettings settings;
  posix_spawn_file_actions_addopen(&settings.actions, 0, "/dev/null", O_RDWR, 0);
  posix_spawn_file_actions_adddup2(&settings.actions, 0, 1);
  posix_spawn_file_actions_adddup2(&settings.actions, control.get(), kControlFd);
  posix_spawn_file_actions_addclosefrom_np(&settings.actions, kControlFd + 1);
  detach(settings.attributes);
  std::string name = "podvisor-door";
  std::string threads = "--workers=" + std::to_string(workers);
  std::string identity = "--user=" + std::to_string(user);
  char* argv[] = {name.data(), threads.data(), identity.data(), nullptr};
  char* no_environment[] = {nullptr};
  pid_t pid = 0;
  const int error = posix_spawn(&pid, path.c_str(), &settings.actions, &settings.attributes, argv,
                                no_environment);
  if (error != 0) return errno_error("cannot start " + path, error);
  return pid;
}

}  // namespace

Result<DoorProcess> start_door(const std::string& door_path, const std::string& directory,
                               unsigned workers, uid_t user) {
  auto listener = listen_seqpacket(directory, kSocketName);
  if (!listener) return tl::unexpected(listener.error());
  auto connection = connect_door(directory);
  if (!connection) return tl::unexpected(connection.error());
  auto pid = spawn(door_path, listener->get(), workers, user);
  if (!pid) return tl::unexpected(pid.error());
  Fd pidfd(static_cast<int>(syscall(SYS_pidfd_open, *pid, 0)));
  return DoorProcess{*pid, std::move(pidfd), std::move(*connection)};
}

Result<Fd> connect_door(const std::string& path) { return connect_seqpacket(path, kSocketName); }

}  // namespace door
}  // namespace podvisor
