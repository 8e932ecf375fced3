#include "door/service.h"

#include <algorithm>

namespace podvisor::door {

Service::Service(Reactor& reactor, BufferPool& buffers, std::shared_ptr<Listener> listener,
                 std::size_t worker)
    : reactor_(reactor),
      buffers_(buffers),
      listener_(std::move(listener)),
      counters_(listener_->counters[worker]),
      settings_(std::make_shared<DoorListener>()),
      endpoints_(std::make_shared<EndpointSet>()),
      pool_(reactor),
      handed_over_dialer_(listener_->want_sockets),
      turn_(worker) {}

Dialer& Service::dialer_for(const Endpoint& endpoint) {
  if (endpoint.handed_over_sockets) return handed_over_dialer_;
  return host_dialer_;
}

void Service::endpoints(std::shared_ptr<const EndpointSet> endpoints) {
  endpoints_ = std::move(endpoints);
  rests_.keep(*endpoints_);
  pool_.drop_unready();
  look_after_held();
}

Claim Service::claim(const Wish& wish) {
  // Whoever turns unready between choice and claim is not chosen again, so this ends.
  for (;;) {
    const EndpointPtr* best = choose(*endpoints_, rests_, wish, ++turn_, reactor_.now());
    if (best == nullptr) return {};
    Claim claim = Claim::take(*best);
    if (claim) return claim;
  }
}

bool Service::anybody_there() const {
  return choose(*endpoints_, rests_, {}, turn_, reactor_.now()) != nullptr;
}

void Service::look_after_held() {
  if (looking_) return;
  looking_ = true;
  const TimePoint now = reactor_.now();
  while (auto late = hold_.take_overdue(now)) late->held->on_hold_timeout();
  while (anybody_there()) {
    auto next = hold_.take_released(now);
    if (!next) break;
    next->held->on_released();
  }
  if (!anybody_there()) hold_.stall();
  looking_ = false;
  arm();
}

void Service::end_rests() {
  rests_ = {};
  look_after_held();
}

void Service::arm() {
  const TimePoint now = reactor_.now();
  auto wake = hold_.wake_at(now);
  if (!wake) return clear();
  if (const auto rested = rests_.first_end(now)) wake = std::min(*wake, *rested);
  set(reactor_.wheel(), *wake);
}

void Service::on_deadline(TimePoint) { look_after_held(); }

void Service::stop() {
  stopped_ = true;
  while (auto next = hold_.take_first()) next->held->on_hold_timeout();
}

}  // namespace podvisor::door
