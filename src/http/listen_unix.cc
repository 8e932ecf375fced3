#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "http/listen.h"

namespace podvisor {
namespace {

const sockaddr* generic(const sockaddr_un& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

Result<sockaddr_un> unix_address(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(address.sun_path))
    return make_error("socket " + path + ": a socket's path has 1 to " +
                      std::to_string(sizeof(address.sun_path) - 1) +
                      " bytes; choose a shorter one with --socket");
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

Result<Fd> unix_socket() {
  Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return errno_error("make a Unix socket", errno);
  return socket;
}

/// Removes what a process that is gone has left behind; leaves everything else alone.
Status clear_stale(const std::string& path, const sockaddr_un& address) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) < 0) {
    if (errno == ENOENT) return {};
    return errno_error("look at socket " + path, errno);
  }
  if (!S_ISSOCK(info.st_mode))
    return make_error("socket " + path +
                      ": something that is not a socket is there; remove it or choose another "
                      "path with --socket");
  auto probe = unix_socket();
  if (!probe) return tl::unexpected(probe.error());
  // EAGAIN: somebody listens, and is busy.
  if (::connect(probe->get(), generic(address), sizeof(address)) == 0 || errno == EAGAIN)
    return make_error("socket " + path +
                          ": another process serves it; stop that one or choose another path with "
                          "--socket",
                      EADDRINUSE);
  if (errno != ECONNREFUSED) return errno_error("connect to socket " + path, errno);
  if (::unlink(path.c_str()) < 0 && errno != ENOENT)
    return errno_error("remove the unused socket " + path, errno);
  return {};
}

}  // namespace

SocketFile::SocketFile(std::string path, dev_t device, ino_t inode)
    : path_(std::move(path)), device_(device), inode_(inode) {}

SocketFile::SocketFile(SocketFile&& other) noexcept
    : path_(std::exchange(other.path_, {})), device_(other.device_), inode_(other.inode_) {}

SocketFile& SocketFile::operator=(SocketFile&& other) noexcept {
  if (this == &other) return *this;
  remove();
  path_ = std::exchange(other.path_, {});
  device_ = other.device_;
  inode_ = other.inode_;
  return *this;
}

void SocketFile::remove() {
  struct stat info {};
  if (path_.empty() || ::lstat(path_.c_str(), &info) < 0) return;
  if (info.st_dev == device_ && info.st_ino == inode_) ::unlink(path_.c_str());
}

Result<UnixListener> listen_unix(const std::string& path) {
  const auto address = unix_address(path);
  if (!address) return tl::unexpected(address.error());
  if (auto cleared = clear_stale(path, *address); !cleared) return tl::unexpected(cleared.error());
  auto socket = unix_socket();
  if (!socket) return tl::unexpected(socket.error());
  // Before bind: the file is born with this mode, nobody else can connect for even a moment.
  if (::fchmod(socket->get(), 0600) < 0) return errno_error("protect socket " + path, errno);
  if (::bind(socket->get(), generic(*address), sizeof(*address)) < 0)
    return errno_error("bind socket " + path, errno);
  struct stat info {};
  if (::lstat(path.c_str(), &info) < 0) return errno_error("look at socket " + path, errno);
  SocketFile file(path, info.st_dev, info.st_ino);
  if (::listen(socket->get(), kListenBacklog) < 0)
    return errno_error("listen on socket " + path, errno);
  return UnixListener{std::move(*socket), std::move(file)};
}

}  // namespace podvisor
