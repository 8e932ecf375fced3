#include "door/dispatch.h"

#include <linux/tcp.h>
#include <netinet/in.h>

#include <cerrno>

namespace podvisor::door {

void Dispatch::start(Duration max_idle, std::optional<std::uint64_t> affinity) {
  wish_ = {nullptr, affinity};
  max_idle_ = max_idle;
  give_up_at_ = service_.reactor().now() + service_.settings().hold.timeout;
  cause_ = DoorFailure::HoldTimeout;
  // Nobody overtakes those who wait already.
  if (service_.hold().empty())
    attempt();
  else
    wait();
}

void Dispatch::again(const Endpoint* avoid) {
  wish_.avoid = avoid;
  max_idle_ = Duration::zero();  // one idle connection has failed, the others are as old
  attempt();
}

void Dispatch::cancel() {
  clear();
  leave_hold();
  if (dialling_) service_.reactor().bury(std::shared_ptr<Upstream>(std::move(dialling_)));
  claim_.release();
}

void Dispatch::attempt() {
  // An endpoint that refuses at once makes room for the next; rests keep this from going round.
  for (;;) {
    Claim claim = service_.claim(wish_);
    if (!claim) return wait();
    UpstreamPtr idle;
    if (max_idle_ > Duration::zero()) idle = service_.pool().take(*claim.endpoint(), max_idle_);
    if (idle) return owner_.on_dispatched(std::move(idle), std::move(claim));
    const EndpointPtr endpoint = claim.endpoint();
    dial(std::move(claim));
    if (dialling_) return;
    cause_ = DoorFailure::Connect;
    service_.rests().count_failure(*endpoint, service_.reactor().now());
  }
}

/// Sets dialling_, unless it failed at once.
void Dispatch::dial(Claim claim) {
  Endpoint& endpoint = *claim.endpoint();
  auto socket = service_.dialer_for(endpoint).socket_for(endpoint);
  if (!socket || !*socket) return;
  const int no_delay = 1;
  setsockopt((*socket)->get(), IPPROTO_TCP, TCP_NODELAY, &no_delay, sizeof no_delay);
  if (::connect((*socket)->get(), endpoint.address.raw(), endpoint.address.size) != 0 &&
      errno != EINPROGRESS)
    return;
  auto upstream = make_upstream(service_.reactor(), std::move(**socket), *this, claim.endpoint());
  if (!upstream->socket.watch()) return;
  dialling_ = std::move(upstream);
  claim_ = std::move(claim);
  set(service_.reactor().wheel(), service_.reactor().now() + kConnectTimeout);
}

void Dispatch::on_socket(Socket& socket) {
  if (!dialling_ || &socket != &dialling_->socket || !socket.writable()) return;
  if (socket.broken() && socket.take_error() != 0) return not_connected();
  connected();
}

void Dispatch::connected() {
  clear();
  service_.rests().count_success(*dialling_->endpoint);
  owner_.on_dispatched(std::move(dialling_), std::move(claim_));
}

void Dispatch::not_connected() {
  clear();
  cause_ = DoorFailure::Connect;
  service_.rests().count_failure(*dialling_->endpoint, service_.reactor().now());
  service_.counters().retried.add();
  wish_.avoid = dialling_->endpoint.get();
  dialling_->socket.close();
  service_.reactor().bury(std::shared_ptr<Upstream>(std::move(dialling_)));
  claim_.release();
  attempt();
}

void Dispatch::on_deadline(TimePoint) { not_connected(); }

std::optional<DoorFailure> Dispatch::reason_not_to_wait() const {
  const TimePoint now = service_.reactor().now();
  Listener& listener = service_.listener();
  if (service_.stopped()) return DoorFailure::Stopped;
  if (now >= give_up_at_) return cause_;
  if (listener.back_off() > give_up_at_) return DoorFailure::BackOff;
  if (listener.held.load() >= service_.settings().hold.held) return DoorFailure::HoldFull;
  return std::nullopt;
}

void Dispatch::wait() {
  if (const auto reason = reason_not_to_wait()) return refuse(*reason);
  held_since_ = service_.reactor().now();
  service_.listener().held.fetch_add(1);
  place_ = service_.hold().push(*this, held_since_, give_up_at_);
  service_.look_after_held();
}

void Dispatch::refuse(DoorFailure why) {
  constexpr auto kSoon = std::chrono::seconds(1);
  const Duration back_off = service_.listener().back_off() - service_.reactor().now();
  owner_.on_refused(why, std::max<Duration>(back_off, kSoon));
}

void Dispatch::count_held() {
  place_.reset();
  service_.listener().held.fetch_sub(1);
  service_.counters().observe_hold(service_.reactor().now() - held_since_);
}

void Dispatch::leave_hold() {
  if (!place_) return;
  service_.hold().leave(*place_);
  count_held();
}

void Dispatch::on_released() {
  count_held();
  attempt();
}

void Dispatch::on_hold_timeout() {
  count_held();
  refuse(service_.stopped() ? DoorFailure::Stopped : cause_);
}

}  // namespace podvisor::door
