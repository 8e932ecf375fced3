#include "probes/plain_transfer.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <utility>

#include "probes/socket_address.h"

namespace podvisor {

void PlainTransfer::start(Fd socket, std::string_view request, ProbeResponse& response, Done done) {
  socket_ = std::move(socket);
  unsent_ = request;
  parser_.start(response);
  done_ = std::move(done);
  const std::uint32_t events = send_rest() ? EPOLLIN : EPOLLIN | EPOLLOUT;
  // One that can't be watched ends at its owner's deadline, like one that never answers.
  static_cast<void>(poll_.watch(socket_.get(), events, *this));
}

void PlainTransfer::cancel() {
  if (socket_) poll_.forget(socket_.get());
  socket_.reset();
}

/// Whether there is no more to send. A peer that has stopped listening may have answered before, so
/// only reading tells how it ends.
bool PlainTransfer::send_rest() {
  while (!unsent_.empty()) {
    const ssize_t sent = send(socket_.get(), unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
    if (sent < 0) return errno != EAGAIN;
    unsent_.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void PlainTransfer::on_socket(int fd, std::uint32_t events) {
  if (!unsent_.empty() && (events & EPOLLOUT) != 0 && send_rest()) {
    unsent_ = {};
    static_cast<void>(poll_.watch(fd, EPOLLIN, *this));
  }
  if ((events & ~std::uint32_t{EPOLLOUT}) != 0) receive();
}

void PlainTransfer::receive() {
  std::array<char, 4096> buffer;  // one read of an ordinary answer; what is left comes next turn
  const ssize_t got = recv(socket_.get(), buffer.data(), buffer.size(), 0);
  if (got > 0) {
    on_received(parser_.feed({buffer.data(), static_cast<std::size_t>(got)}));
  } else if (got == 0) {
    const bool whole = parser_.end() == ProbeResponseParser::Progress::Done;
    finish(whole ? std::string() : parser_.nothing_came() ? "EOF" : "unexpected EOF");
  } else if (errno != EAGAIN && errno != EINTR) {
    finish("read: " + connect_error_text(errno));
  }
}

void PlainTransfer::on_received(ProbeResponseParser::Progress progress) {
  if (progress == ProbeResponseParser::Progress::Done) finish({});
  if (progress == ProbeResponseParser::Progress::Malformed) {
    finish("malformed HTTP response: " + parser_.error());
  }
}

void PlainTransfer::finish(std::string error) {
  cancel();
  const Done done = std::exchange(done_, nullptr);
  done(std::move(error));  // may destroy this
}

}  // namespace podvisor
