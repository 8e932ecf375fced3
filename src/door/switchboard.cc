#include "door/switchboard.h"

#include <algorithm>

#include "door/check.h"

namespace podvisor::door {

/// First the pinned connections are ended, spread out; then whatever is left is cut.
class Switchboard::Drain final : private Deadline {
 public:
  Drain(Switchboard& board, std::string name, EndpointPtr leaving, const DrainLimits& limits)
      : listener(std::move(name)),
        endpoint(std::move(leaving)),
        board_(board),
        spread_(std::min(limits.spread, limits.timeout)) {
    const TimePoint now = board.main_.now();
    cut_at_ = now + limits.timeout;
    set(board.main_.wheel(), cut_at_ - spread_);
  }

  const std::string listener;
  const EndpointPtr endpoint;

 private:
  void on_deadline(TimePoint now) override {
    const EndpointPtr leaving = endpoint;
    if (now < cut_at_) {
      board_.post_all([leaving, span = spread_](Worker& w) { w.end_pinned(leaving, span); });
      set(board_.main_.wheel(), cut_at_);
    } else {
      board_.post_all([leaving](Worker& worker) { worker.cut(leaving); });
    }
  }

  Switchboard& board_;
  Duration spread_;
  TimePoint cut_at_;
};

template <typename Letter>
void Switchboard::post_all(Letter letter) {
  for (const auto& worker : workers_)
    worker->reactor().post([to = worker.get(), letter] { letter(*to); });
}

Switchboard::Switchboard(Reactor& main, DoorEvents& events, std::size_t workers)
    : main_(main), events_(events) {
  for (std::size_t i = 0; i < workers; ++i)
    workers_.push_back(std::make_unique<Worker>(i, workers_));
  for (const auto& worker : workers_) worker->start();
}

/// All threads first: each looks at the others.
Switchboard::~Switchboard() {
  for (const auto& worker : workers_) worker->stop();
}

Status Switchboard::serve(const DoorListener& settings, Fd socket) {
  const auto found = served_.find(settings.id);
  if (found == served_.end() && !socket)
    return make_error("listener " + settings.id + " came without its socket");
  Served& served = served_[settings.id];
  served.settings = settings;
  if (!served.shared) {
    served.shared = std::make_shared<Listener>(settings.id, std::move(socket), workers_.size());
    served.shared->want_sockets = [this, id = settings.id](const std::string& endpoint) {
      main_.post([this, id, endpoint] {
        events_.on_sockets_wanted(id, endpoint, static_cast<unsigned>(SocketStash::kBatch));
      });
    };
  }
  const auto shared_settings = std::make_shared<const DoorListener>(settings);
  post_all([listener = served.shared, shared_settings](Worker& worker) {
    worker.serve(listener, shared_settings);
  });
  return {};
}

void Switchboard::stop_serving(const std::string& listener) {
  const auto found = served_.find(listener);
  if (found == served_.end()) return;
  for (const auto& [id, endpoint] : found->second.endpoints)
    if (endpoint->ready()) endpoint->state(EndpointState::NotReady);
  served_.erase(found);
  post_all([listener](Worker& worker) { worker.stop_serving(listener); });
}

Result<EndpointPtr> Switchboard::endpoint_for(Served& served, const DoorEndpoint& wanted) {
  const auto known = served.endpoints.find(wanted.id);
  if (known != served.endpoints.end() && known->second->address_text == wanted.address &&
      known->second->handed_over_sockets == wanted.handed_over_sockets)
    return known->second;
  const auto address = parse_address(wanted.address);
  if (!address) return with_context("listener " + served.settings.id, address.error());
  return std::make_shared<Endpoint>(wanted, *address,
                                    [this] { main_.post([this] { look_after_drains(); }); });
}

Status Switchboard::set_endpoints(const std::string& listener,
                                  const std::vector<DoorEndpoint>& endpoints) {
  const auto found = served_.find(listener);
  if (found == served_.end()) return make_error("listener " + listener + " is not served");
  Served& served = found->second;
  std::map<std::string, EndpointPtr> next;
  for (const DoorEndpoint& wanted : endpoints) {
    auto endpoint = endpoint_for(served, wanted);
    if (!endpoint) return tl::unexpected(endpoint.error());
    next[wanted.id] = *endpoint;
  }
  // Those who come are ready before those who go are not, so that nobody is held in between who
  // need not be; whoever claims meets the state itself, whatever set it still looks at.
  const auto previous = std::exchange(served.endpoints, std::move(next));
  for (const DoorEndpoint& wanted : endpoints) served.endpoints[wanted.id]->state(wanted.state);
  tell_endpoints(served);
  for (const auto& [id, endpoint] : previous) {
    const auto kept = served.endpoints.find(id);
    const bool gone = kept == served.endpoints.end() || kept->second != endpoint;
    if (gone && endpoint->ready()) endpoint->state(EndpointState::NotReady);
  }
  // One that is Ready again is not drained any more.
  std::erase_if(drains_, [](const auto& drain) { return drain->endpoint->ready(); });
  return {};
}

void Switchboard::tell_endpoints(const Served& served) {
  auto set = std::make_shared<EndpointSet>();
  for (const auto& [id, endpoint] : served.endpoints) set->push_back(endpoint);
  const std::shared_ptr<const EndpointSet> shared = std::move(set);
  post_all([id = served.settings.id, shared](Worker& w) { w.set_endpoints(id, shared); });
}

void Switchboard::set_back_off(const std::string& listener, std::optional<Duration> remaining) {
  const auto found = served_.find(listener);
  if (found == served_.end()) return;
  const TimePoint until = remaining ? main_.now() + *remaining : TimePoint();
  found->second.shared->back_off_until.store(until.time_since_epoch().count());
}

EndpointPtr Switchboard::find(const std::string& listener, const std::string& endpoint) const {
  const auto served = served_.find(listener);
  if (served == served_.end()) return nullptr;
  const auto found = served->second.endpoints.find(endpoint);
  return found == served->second.endpoints.end() ? nullptr : found->second;
}

void Switchboard::drain(const std::string& listener, const std::string& endpoint,
                        const DrainLimits& limits) {
  const EndpointPtr leaving = find(listener, endpoint);
  if (!leaving) return events_.on_drained(listener, endpoint, 0);
  leaving->state(EndpointState::Draining);
  tell_endpoints(served_.at(listener));  // lets go of idle connections
  std::erase_if(drains_, [&](const auto& drain) { return drain->endpoint == leaving; });
  drains_.push_back(std::make_shared<Drain>(*this, listener, leaving, limits));
  look_after_drains();
}

void Switchboard::look_after_drains() {
  const auto first_over = std::stable_partition(
      drains_.begin(), drains_.end(), [](const auto& drain) { return !drain->endpoint->quiet(); });
  const std::vector<std::shared_ptr<Drain>> over(first_over, drains_.end());
  drains_.erase(first_over, drains_.end());
  for (const auto& drain : over) {
    main_.bury(drain);
    events_.on_drained(drain->listener, drain->endpoint->id, drain->endpoint->cut.exchange(0));
  }
}

void Switchboard::check(const std::string& listener, std::uint64_t id, const DoorCheck& check) {
  const EndpointPtr endpoint = find(listener, check.endpoint);
  if (!endpoint)
    return events_.on_checked(id, 0, "endpoint " + check.endpoint + " is not in " + listener);
  Worker& worker = *workers_[id % workers_.size()];
  worker.reactor().post([this, &worker, listener, id, check, endpoint] {
    auto done = [this, id](int status, const std::string& error) {
      main_.post([this, id, status, error] { events_.on_checked(id, status, error); });
    };
    const auto service = worker.find(listener);
    if (!service) return done(0, "listener " + listener + " is not served");
    std::make_shared<Check>(service, endpoint, check, done)->start();
  });
}

void Switchboard::give_sockets(const std::string& listener, const std::string& endpoint,
                               std::vector<Fd> sockets) {
  const EndpointPtr found = find(listener, endpoint);
  if (!found) return;
  found->stash.put(std::move(sockets));
  post_all([listener](Worker& worker) { worker.end_rests(listener); });
}

void Switchboard::retire() {
  post_all([](Worker& worker) { worker.retire(); });
}

std::size_t Switchboard::connections() const {
  std::size_t sum = 0;
  for (const auto& worker : workers_) sum += worker->sessions();
  return sum;
}

std::map<std::string, DoorCounters> Switchboard::counters() const {
  std::map<std::string, DoorCounters> all;
  for (const auto& [id, served] : served_) {
    DoorCounters& counters = all[id];
    for (const WorkerCounters& one : served.shared->counters) add_up(one, counters);
    counters.held = served.shared->held.load();
  }
  return all;
}

std::vector<EndpointLoad> Switchboard::loads() const {
  std::vector<EndpointLoad> loads;
  for (const auto& [id, served] : served_)
    for (const auto& [name, endpoint] : served.endpoints)
      loads.push_back({id, name, endpoint->in_flight(), endpoint->upgraded()});
  return loads;
}

std::vector<Switchboard::Shown> Switchboard::listeners() const {
  std::vector<Shown> all;
  for (const auto& [id, served] : served_) {
    Shown shown{served.settings, {}, served.shared->socket.get()};
    for (const auto& [name, endpoint] : served.endpoints)
      shown.endpoints.push_back(
          {name, endpoint->address_text, endpoint->state(), endpoint->handed_over_sockets});
    all.push_back(std::move(shown));
  }
  return all;
}

}  // namespace podvisor::door
