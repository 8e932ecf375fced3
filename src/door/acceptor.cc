#include "door/acceptor.h"

#include <arpa/inet.h>
#include <linux/tcp.h>
#include <netinet/in.h>

#include <cerrno>
#include <string_view>

#include "log/logger.h"

namespace podvisor::door {
namespace {

constexpr int kAtOnce = 16;
/// Out of descriptors: those who wait in the queue lose nothing by it.
constexpr Duration kPause = std::chrono::milliseconds(50);

std::string_view host_bytes(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET6) {
    const auto& host = reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
    return {reinterpret_cast<const char*>(&host), sizeof host};
  }
  if (address.ss_family == AF_INET) {
    const auto& host = reinterpret_cast<const sockaddr_in&>(address).sin_addr;
    return {reinterpret_cast<const char*>(&host), sizeof host};
  }
  return {};
}

std::string host_text(const sockaddr_storage& address) {
  char text[INET6_ADDRSTRLEN] = "";
  const std::string_view host = host_bytes(address);
  if (!host.empty()) inet_ntop(address.ss_family, host.data(), text, sizeof text);
  const std::string_view shown = text;
  constexpr std::string_view kMapped = "::ffff:";  // an IPv4 client of an IPv6 socket
  const bool mapped = shown.starts_with(kMapped) && shown.find('.') != std::string_view::npos;
  return std::string(mapped ? shown.substr(kMapped.size()) : shown);
}

}  // namespace

Acceptor::Acceptor(Reactor& reactor, std::shared_ptr<Listener> listener, Accepted accepted)
    : reactor_(reactor), listener_(std::move(listener)), accepted_(std::move(accepted)) {}

Acceptor::~Acceptor() {
  if (watching_) reactor_.remove(listener_->socket.get());
}

Status Acceptor::start() {
  const Status added = reactor_.add(listener_->socket.get(), EPOLLIN | EPOLLEXCLUSIVE, *this);
  watching_ = added.has_value();
  return added;
}

void Acceptor::on_events(std::uint32_t) {
  for (int i = 0; i < kAtOnce && watching_; ++i)
    if (!accept_one()) return;
}

bool Acceptor::accept_one() {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  Fd socket(accept4(listener_->socket.get(), reinterpret_cast<sockaddr*>(&address), &size,
                    SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!socket) {
    const bool out_of_descriptors =
        errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
    if (!out_of_descriptors) return errno == ECONNABORTED || errno == EINTR;
    log_warning("the door is out of descriptors or memory; new connections wait",
                {{"listener", listener_->id}});
    reactor_.remove(listener_->socket.get());
    watching_ = false;
    set(reactor_.wheel(), reactor_.now() + kPause);
    return false;
  }
  const int no_delay = 1;
  setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &no_delay, sizeof no_delay);
  Client client{std::move(socket), {}, std::hash<std::string_view>{}(host_bytes(address))};
  if (addresses_) client.address = host_text(address);
  accepted_(std::move(client));
  return true;
}

void Acceptor::on_deadline(TimePoint now) {
  if (!start()) set(reactor_.wheel(), now + kPause);
}

}  // namespace podvisor::door
