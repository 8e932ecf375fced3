#include "loop/seqpacket.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace podvisor {
namespace {

/// The address by way of a directory descriptor: sun_path holds 108 bytes, paths may be longer.
sockaddr_un socket_address(int directory, const char* name) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = "/proc/self/fd/" + std::to_string(directory) + "/" + name;
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

}  // namespace

Result<Fd> listen_seqpacket(const std::string& path, const char* name) {
  auto directory = open_directory(path);
  if (!directory) return directory;
  auto socket = make_socket();
  if (!socket) return socket;
  const sockaddr_un address = socket_address(directory->get(), name);
  unlinkat(directory->get(), name, 0);
  // The mode is set before the name exists, so that nobody else ever gets in.
  if (fchmod(socket->get(), 0600) != 0 ||
      bind(socket->get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      listen(socket->get(), 4) != 0)
    return errno_error("cannot listen on " + path + "/" + name, errno);
  return socket;
}

Result<Fd> connect_seqpacket(const std::string& path, const char* name) {
  auto directory = open_directory(path);
  if (!directory) return directory;
  auto socket = make_socket();
  if (!socket) return socket;
  const sockaddr_un address = socket_address(directory->get(), name);
  if (connect(socket->get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return errno_error("cannot connect to " + path + "/" + name, errno);
  return socket;
}

}  // namespace podvisor
