#include "door/socket.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <cerrno>

namespace podvisor::door {

Socket::Socket(Reactor& reactor, Fd fd, Owner& owner)
    : reactor_(reactor), fd_(std::move(fd)), owner_(&owner) {}

Status Socket::watch() {
  return reactor_.add(fd_.get(), EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, *this);
}

void Socket::on_events(std::uint32_t events) {
  if (!fd_) return;  // closed earlier in this turn
  if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) readable_ = true;
  if ((events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0) writable_ = true;
  if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) peer_closed_ = true;
  if ((events & (EPOLLHUP | EPOLLERR)) != 0) broken_ = true;
  owner_->on_socket(*this);
}

Io Socket::receive(Buffer& buffer) {
  const std::span<char> room = buffer.room();
  if (room.empty()) return Io::Blocked;  // until something of it has been sent on
  const ssize_t got = ::recv(fd_.get(), room.data(), room.size(), MSG_DONTWAIT);
  if (got > 0) {
    buffer.commit(static_cast<std::size_t>(got));
    // Less than there was room for: nothing is left, and what comes makes a new event. Only the
    // end of the stream has had its event already.
    if (static_cast<std::size_t>(got) < room.size() && !peer_closed_) readable_ = false;
    return Io::Moved;
  }
  buffer.release_if_empty();
  if (got == 0) {
    peer_closed_ = true;
    return Io::End;
  }
  if (errno == EINTR) return Io::Moved;
  readable_ = false;
  if (errno == EAGAIN) return Io::Blocked;
  broken_ = true;
  return Io::Failed;
}

Io Socket::send(std::span<const iovec> parts, std::size_t& sent) {
  constexpr int kFlags = MSG_DONTWAIT | MSG_NOSIGNAL;
  ssize_t size = 0;
  if (parts.size() == 1) {  // mostly; the kernel has one structure less to fetch
    size = ::send(fd_.get(), parts[0].iov_base, parts[0].iov_len, kFlags);
  } else {
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(parts.data());
    message.msg_iovlen = parts.size();
    size = ::sendmsg(fd_.get(), &message, kFlags);
  }
  sent = size > 0 ? static_cast<std::size_t>(size) : 0;
  if (size >= 0 || errno == EINTR) return Io::Moved;
  writable_ = false;
  return errno == EAGAIN ? Io::Blocked : Io::Failed;
}

Io Socket::receive(Pipe& pipe, std::size_t limit) {
  const ssize_t got = ::splice(fd_.get(), nullptr, pipe.in.get(), nullptr, limit,
                               SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
  if (got > 0) {
    pipe.held += static_cast<std::size_t>(got);
    return Io::Moved;
  }
  if (got == 0) {
    peer_closed_ = true;
    return Io::End;
  }
  if (errno == EINTR) return Io::Moved;
  readable_ = false;  // the pipe was empty, so it is the socket that has nothing
  if (errno == EAGAIN) return Io::Blocked;
  broken_ = true;
  return Io::Failed;
}

Io Socket::send(Pipe& pipe) {
  const ssize_t sent = ::splice(pipe.out.get(), nullptr, fd_.get(), nullptr, pipe.held,
                                SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
  if (sent > 0) {
    pipe.held -= static_cast<std::size_t>(sent);
    return Io::Moved;
  }
  if (sent < 0 && errno == EINTR) return Io::Moved;
  writable_ = false;
  return sent < 0 && errno == EAGAIN ? Io::Blocked : Io::Failed;
}

void Socket::shutdown_writing() { ::shutdown(fd_.get(), SHUT_WR); }

bool Socket::peer_left() const {
  if (broken_) return true;
  char byte = 0;
  return peer_closed_ && ::recv(fd_.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

bool Socket::drained() {
  char byte = 0;
  if (!readable_) return true;
  const bool nothing = ::recv(fd_.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
  if (nothing) readable_ = false;
  return nothing;
}

int Socket::take_error() const {
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) return errno;
  return error;
}

void Socket::close() {
  reactor_.not_again(*this);
  fd_.reset();
}

void Socket::reset() {
  const linger at_once{1, 0};
  if (fd_) ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

Fd Socket::release() {
  reactor_.not_again(*this);
  if (fd_) reactor_.remove(fd_.get());
  return Fd(fd_.release());
}

}  // namespace podvisor::door
