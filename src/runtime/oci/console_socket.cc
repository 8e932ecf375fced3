#include "runtime/oci/console_socket.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

namespace podvisor {

Result<ConsoleSocket> ConsoleSocket::listen(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path)
    return make_error("the socket for a container's terminal, " + path + ", has too long a path");
  std::memcpy(address.sun_path, path.data(), path.size());
  ::unlink(path.c_str());
  ConsoleSocket made(Fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)), path);
  const int socket = made.socket_.get();
  if (socket < 0 ||
      ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return errno_error("cannot make the socket " + path, errno);
  if (::chmod(path.c_str(), 0600) != 0 || ::listen(socket, 1) != 0)
    return errno_error("cannot listen on " + path, errno);
  return made;
}

ConsoleSocket::~ConsoleSocket() {
  if (socket_) ::unlink(path_.c_str());
}

Result<Fd> ConsoleSocket::take() const {
  const Fd connection(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!connection) return errno_error("the OCI runtime has left no terminal", errno);
  char text[4096];  // the terminal's name
  iovec part{text, sizeof text};
  union {
    cmsghdr align;
    char space[CMSG_SPACE(sizeof(int))];
  } control{};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control.space;
  header.msg_controllen = sizeof control.space;
  if (::recvmsg(connection.get(), &header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT) < 0)
    return errno_error("the OCI runtime has left no terminal", errno);
  const cmsghdr* rights = CMSG_FIRSTHDR(&header);
  if (rights == nullptr || rights->cmsg_level != SOL_SOCKET || rights->cmsg_type != SCM_RIGHTS)
    return make_error("the OCI runtime has left no terminal");
  int fd = -1;
  std::memcpy(&fd, CMSG_DATA(rights), sizeof fd);
  return Fd(fd);
}

}  // namespace podvisor
