#include "probes/dial.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>

#include <cerrno>
#include <utility>

#include "probes/probe_port.h"

namespace podvisor {
namespace {

int connect_errno(int socket, const SocketAddress& address) {
  const auto* name = reinterpret_cast<const sockaddr*>(&address.storage);
  return connect(socket, name, address.size) == 0 ? 0 : errno;
}

/// The handshake's last ACK then goes out with the request: a packet less, and a server that wakes
/// up once instead of twice. Whether it works is no matter.
void delay_ack(int socket) {
  const int off = 0;
  setsockopt(socket, IPPROTO_TCP, TCP_QUICKACK, &off, sizeof(off));
}

/// How a connect that was started stands: 0, EINPROGRESS, or why it failed. Success is left in the
/// socket for the caller's own connect() to find.
int connect_state(int socket, const SocketAddress& address) {
  pollfd polled{socket, POLLOUT, 0};
  if (poll(&polled, 1, 0) <= 0) return EINPROGRESS;
  return polled.revents == POLLOUT ? 0 : connect_errno(socket, address);
}

}  // namespace

void Dial::cancel() {
  lookup_.cancel();
  if (socket_) io_.poll.forget(socket_.get());
  socket_.reset();
}

std::optional<DialOutcome> Dial::start(const PodUid& pod, const std::string& host,
                                       std::uint16_t port, Done done) {
  pod_ = pod;
  host_ = host;
  port_ = port;
  done_ = std::move(done);
  addresses_.clear();
  next_ = 0;
  if (const auto address = numeric_address(host, port)) {
    addresses_.push_back(*address);
    return connect_next();
  }
  lookup_.start(host, port, [this](auto addresses) { on_resolved(std::move(addresses)); });
  return std::nullopt;
}

void Dial::on_resolved(Result<std::vector<SocketAddress>> addresses) {
  if (!addresses) {
    done_({{}, addresses.error().message, false});
    return;
  }
  addresses_ = std::move(*addresses);
  if (auto outcome = connect_next()) done_(std::move(*outcome));
}

std::optional<DialOutcome> Dial::connect_next() {
  std::optional<DialOutcome> outcome;
  do {
    outcome = connect_to(addresses_[next_++]);
  } while (outcome && !outcome->socket && next_ < addresses_.size());
  return outcome;
}

std::optional<DialOutcome> Dial::connect_to(const SocketAddress& address) {
  auto socket = io_.sockets.open_socket(pod_, address.storage.ss_family, SOCK_STREAM);
  if (!socket) return DialOutcome{{}, socket.error().message, true};
  if (then_ == Then::Send) delay_ack(socket->get());
  int code = connect_errno(socket->get(), address);
  if (code == EINPROGRESS && then_ == Then::Send) {
    socket_ = std::move(*socket);
    io_.poll.revisit(socket_.get(), *this);
    return std::nullopt;
  }
  if (code == EINPROGRESS) code = connect_state(socket->get(), address);
  if (code == 0) return DialOutcome{std::move(*socket), {}, false};
  if (code != EINPROGRESS) return failed(code);
  socket_ = std::move(*socket);
  watch();
  return std::nullopt;
}

/// One that can't be watched ends at its caller's deadline, like one that never answers.
void Dial::watch() { static_cast<void>(io_.poll.watch(socket_.get(), EPOLLOUT, *this)); }

void Dial::on_socket(int fd, std::uint32_t) {
  const int code = connect_state(fd, addresses_[next_ - 1]);
  if (code == EINPROGRESS) return watch();
  io_.poll.forget(fd);
  Fd socket = std::move(socket_);
  if (code == 0) {
    done_({std::move(socket), {}, false});
  } else if (next_ == addresses_.size()) {
    done_(failed(code));
  } else if (auto outcome = connect_next()) {
    done_(std::move(*outcome));
  }
}

DialOutcome Dial::failed(int error_number) const {
  return {{}, "dial tcp " + name() + ": connect: " + connect_error_text(error_number), false};
}

std::string Dial::name() const { return join_host_port(host_, port_); }

std::string Dial::timeout_text() const { return "dial tcp " + name() + ": i/o timeout"; }

}  // namespace podvisor
