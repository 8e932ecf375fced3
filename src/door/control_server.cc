#include "door/control_server.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "log/logger.h"

namespace podvisor::door {
namespace {

constexpr Duration kReportEvery = std::chrono::seconds(1);
constexpr Duration kRetireLook = std::chrono::milliseconds(20);
/// A podvisor that does not read is dropped rather than remembered for.
constexpr std::size_t kMaxUnsent = 4096;

bool may_connect(int connection) {
  ucred peer{};
  socklen_t size = sizeof peer;
  return getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
         (peer.uid == 0 || peer.uid == geteuid());
}

}  // namespace

ControlServer::ControlServer(Reactor& reactor, Fd listening, std::size_t workers)
    : reactor_(reactor), listening_(std::move(listening)), board_(reactor, *this, workers) {}

ControlServer::~ControlServer() { drop_connection(); }

Status ControlServer::start() {
  report_bell_.set(reactor_.wheel(), reactor_.now() + kReportEvery);
  return reactor_.add(listening_.get(), EPOLLIN, listening_bell_);
}

void ControlServer::accept_connection() {
  Fd connection(accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!connection || !may_connect(connection.get())) return;
  drop_connection();
  connection_ = std::move(connection);
  const auto events = EPOLLIN | EPOLLOUT | EPOLLET;
  if (!reactor_.add(connection_.get(), events, connection_bell_)) drop_connection();
}

void ControlServer::drop_connection() {
  if (connection_) reactor_.remove(connection_.get());
  connection_.reset();
  unsent_.clear();
  welcomed_ = false;
}

void ControlServer::on_connection() {
  flush();
  while (connection_ && receive_one()) {
  }
}

bool ControlServer::receive_one() {
  Packet packet;
  switch (receive_packet(connection_.get(), packet)) {
    case Received::Nothing:
      return false;
    case Received::End:
      drop_connection();
      return false;
    case Received::Yes:
      break;
  }
  const auto message = decode(packet.text);
  const bool expected = message && (welcomed_ || std::holds_alternative<message::Hello>(*message));
  if (!expected) {
    log_warning("podvisor said something unexpected and is disconnected",
                {{"reason", message ? "no Hello" : message.error().message}});
    drop_connection();
    return false;
  }
  std::visit([&](const auto& one) { handle(one, packet); }, *message);
  return true;
}

void ControlServer::send(const Message& message, Fd descriptor) {
  if (!connection_ || !welcomed_) return;
  Packet packet{encode(message), {}};
  if (descriptor) packet.descriptors.push_back(std::move(descriptor));
  unsent_.push_back(std::move(packet));
  flush();
  if (unsent_.size() > kMaxUnsent) drop_connection();
}

void ControlServer::flush() {
  while (connection_ && !unsent_.empty()) {
    const Sent sent = send_packet(connection_.get(), unsent_.front());
    if (sent == Sent::Later) return;
    if (sent == Sent::Broken) return drop_connection();
    unsent_.pop_front();
  }
}

void ControlServer::handle(const message::Hello&, Packet&) {
  welcomed_ = true;
  send(message::Welcome{kProtocolVersion, getpid()});
  tell_state();
}

void ControlServer::tell_state() {
  for (const Switchboard::Shown& shown : board_.listeners())
    send(message::Listener{shown.settings, shown.endpoints},
         Fd(fcntl(shown.socket, F_DUPFD_CLOEXEC, 0)));
  report(true);
  send(message::Synced{});
}

void ControlServer::handle(const message::Serve& serve, Packet& packet) {
  Fd socket;
  if (!packet.descriptors.empty()) socket = std::move(packet.descriptors.front());
  if (const Status served = board_.serve(serve.listener, std::move(socket)); !served)
    log_error(served.error().message);
}

void ControlServer::handle(const message::StopServing& stop, Packet&) {
  board_.stop_serving(stop.listener);
  reported_.erase(stop.listener);
}

void ControlServer::handle(const message::Endpoints& endpoints, Packet&) {
  const Status set = board_.set_endpoints(endpoints.listener, endpoints.endpoints);
  if (!set) log_error(set.error().message);
}

void ControlServer::handle(const message::BackOff& back_off, Packet&) {
  board_.set_back_off(back_off.listener, back_off.remaining);
}

void ControlServer::handle(const message::Drain& drain, Packet&) {
  board_.drain(drain.listener, drain.endpoint, drain.limits);
}

void ControlServer::handle(const message::Check& check, Packet&) {
  board_.check(check.listener, check.id, check.check);
}

void ControlServer::handle(const message::Sockets& sockets, Packet& packet) {
  board_.give_sockets(sockets.listener, sockets.endpoint, std::move(packet.descriptors));
}

void ControlServer::handle(const message::Report&, Packet&) {
  report(true);
  send(message::Reported{});
}

void ControlServer::handle(const message::Retire& message, Packet&) { retire(message.timeout); }

/// What only the door says.
template <typename Other>
void ControlServer::handle(const Other&, Packet&) {
  drop_connection();
}

void ControlServer::on_drained(const std::string& listener, const std::string& endpoint,
                               std::uint64_t cut) {
  send(message::Drained{listener, endpoint, cut});
}

void ControlServer::on_checked(std::uint64_t id, int status, const std::string& error) {
  send(message::Checked{id, status, error});
}

void ControlServer::on_sockets_wanted(const std::string& listener, const std::string& endpoint,
                                      unsigned count) {
  send(message::SocketsWanted{listener, endpoint, count});
}

void ControlServer::on_load(const EndpointLoad& load) { send(message::Load{load}); }

void ControlServer::report_changes() {
  report_bell_.set(reactor_.wheel(), reactor_.now() + kReportEvery);
  if (welcomed_) report(false);
}

void ControlServer::report(bool everything) {
  for (const auto& [listener, counters] : board_.counters()) {
    auto& told = reported_[listener];
    if (!everything && told == counters) continue;
    told = counters;
    send(message::Counters{listener, counters});
  }
  decltype(loads_) now;
  for (const EndpointLoad& load : board_.loads()) {
    const auto key = std::make_pair(load.listener, load.endpoint);
    const auto counts = std::make_pair(load.in_flight, load.upgraded);
    now[key] = counts;
    const auto told = loads_.find(key);
    if (everything || told == loads_.end() || told->second != counts) on_load(load);
  }
  loads_ = std::move(now);
}

void ControlServer::retire(Duration timeout) {
  if (retire_by_) return;
  retire_by_ = reactor_.now() + timeout;
  board_.retire();
  look_whether_gone();
}

void ControlServer::look_whether_gone() {
  if (board_.connections() == 0 || reactor_.now() >= *retire_by_) return reactor_.stop();
  retire_bell_.set(reactor_.wheel(), reactor_.now() + kRetireLook);
}

}  // namespace podvisor::door
