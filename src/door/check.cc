#include "door/check.h"

#include <cerrno>
#include <cstring>

namespace podvisor::door {
namespace {

constexpr std::size_t kMaxHead = 60UL * 1024;

}  // namespace

Check::Check(std::shared_ptr<Service> service, EndpointPtr endpoint, DoorCheck about, Done done)
    : service_(std::move(service)),
      endpoint_(std::move(endpoint)),
      about_(std::move(about)),
      done_(std::move(done)),
      answer_(service_->buffers()) {}

void Check::start() {
  self_ = shared_from_this();
  set(service_->reactor().wheel(), service_->reactor().now() + about_.timeout);
  if (const Status dialled = dial(); !dialled) finish(0, dialled.error().message);
}

Status Check::dial() {
  auto socket = service_->dialer_for(*endpoint_).socket_for(*endpoint_);
  if (!socket) return tl::unexpected(socket.error());
  if (!*socket) return make_error("no socket into the pod's network namespace is at hand yet");
  const Address& address = endpoint_->address;
  if (::connect((*socket)->get(), address.raw(), address.size) != 0 && errno != EINPROGRESS)
    return errno_error("cannot connect to " + endpoint_->address_text, errno);
  upstream_ = make_upstream(service_->reactor(), std::move(**socket), *this, endpoint_);
  return upstream_->socket.watch();
}

void Check::on_socket(Socket& socket) {
  if (!upstream_) return;
  if (!requested_ && socket.writable()) {
    if (const int error = socket.take_error(); error != 0)
      return finish(0, "cannot connect to " + endpoint_->address_text + ": " + strerror(error));
    if (service_->settings().mode == DoorMode::Tcp) return finish(0, {});
    send_request();
  }
  while (upstream_ && requested_ && socket.readable()) receive();
}

void Check::send_request() {
  requested_ = true;
  const std::string request = "GET " + about_.path + " HTTP/1.1\r\nHost: " + about_.host +
                              "\r\nUser-Agent: podvisor-door\r\nConnection: close\r\n\r\n";
  const iovec part{const_cast<char*>(request.data()), request.size()};
  std::size_t sent = 0;
  // Far smaller than any socket's buffer.
  if (upstream_->socket.send({&part, 1}, sent) != Io::Moved || sent != request.size())
    return finish(0, "the request could not be sent to " + endpoint_->address_text);
  response_.start(kMaxHead);
}

void Check::receive() {
  const Io io = upstream_->socket.receive(answer_);
  if (io == Io::Blocked) return;
  if (io != Io::Moved) return finish(0, endpoint_->address_text + " hung up without an answer");
  for (;;) {
    answer_.consume(response_.feed(answer_.view()));
    if (response_.error() != FramingError::None)
      return finish(0, "what " + endpoint_->address_text + " answers is not HTTP/1.1");
    if (!response_.head_done()) return;
    if (response_.head().status >= 200) return finish(response_.head().status, {});
    response_.start(kMaxHead);  // an interim answer
  }
}

void Check::on_deadline(TimePoint) {
  finish(0, endpoint_->address_text + " did not answer in time");
}

void Check::finish(int status, const std::string& error) {
  if (!self_) return;
  clear();
  if (upstream_) upstream_->socket.close();
  done_(status, error);
  service_->reactor().bury(std::move(self_));
}

}  // namespace podvisor::door
