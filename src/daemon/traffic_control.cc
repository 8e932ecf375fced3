#include "daemon/traffic_control.h"

#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include "log/logger.h"

namespace podvisor {
namespace {

/// A port that somebody else has may be given back.
constexpr Duration kPlanRetry = std::chrono::seconds(2);
/// A pod that is replaced is away for a moment between the old one and the new one.
constexpr Duration kUnwanted = std::chrono::milliseconds(100);
constexpr Duration kLateSockets = std::chrono::milliseconds(50);
constexpr unsigned kFewSockets = 4;

bool same_settings(const DoorListener& a, const DoorListener& b) {
  return a.mode == b.mode && a.hold.timeout == b.hold.timeout &&
         a.session_affinity == b.session_affinity && a.forwarded_headers == b.forwarded_headers;
}

bool wants(const TrafficPlan& plan, const std::string& listener) {
  return std::ranges::any_of(plan.doors,
                             [&](const WantedDoor& door) { return door.listener.id == listener; });
}

std::string place_of(const WantedDoor& door) {
  return (door.address.empty() ? "" : door.address + " ") + "port " + std::to_string(door.port);
}

}  // namespace

TrafficControl::TrafficControl(Loop& loop, ObjectStore& store, EventSink& events,
                               PodSockets& sockets, Edge edge)
    : loop_(loop),
      store_(store),
      events_(events),
      sockets_(sockets),
      edge_(std::move(edge)),
      late_sockets_timer_(loop, [this] { give_late_sockets(); }),
      retire_timer_(loop, [this] { retire_unwanted(); }),
      retry_timer_(loop, [this] { replan(); }) {
  watches_ = {store.watch_instances([this](ChangeType, const PodObject&) { replan(); }),
              store.watch_services([this](ChangeType, const ServiceEntry&) { replan(); })};
  late_sockets_timer_.keep_loop_running(false);
  retire_timer_.keep_loop_running(false);
  retry_timer_.keep_loop_running(false);
}

TrafficControl::~TrafficControl() {
  for (const std::uint64_t watch : watches_) store_.unwatch(watch);
}

TrafficPlan TrafficControl::plan() const {
  std::vector<const PodObject*> pods;
  for (const auto& [name, object] : store_.pods()) pods.push_back(&object);
  std::ranges::sort(pods, {}, [](const PodObject* object) { return object->created_version; });
  for (const auto& [uid, object] : store_.beside()) pods.push_back(&object);
  std::vector<const Service*> services;
  for (const auto& [name, entry] : store_.services()) services.push_back(&entry.object);
  return plan_traffic(pods, services);
}

/// What is told to the door here is told before the pod's own actions are carried out: the gate is
/// closed before the first signal (DIF-3.2).
void TrafficControl::replan() {
  TrafficPlan wanted = plan();
  std::set<std::string> problems(wanted.conflicts.begin(), wanted.conflicts.end());
  for (const WantedDoor& door : wanted.doors) {
    if (!open_.contains(door.listener.id)) {
      if (Status opened = open(door); !opened) problems.insert(opened.error().message);
    } else {
      update(door, open_.at(door.listener.id));
    }
  }
  if (std::ranges::any_of(open_, [&](const auto& known) { return !wants(wanted, known.first); }))
    retire_timer_.start(kUnwanted);
  report(problems);
}

Status TrafficControl::open(const WantedDoor& wanted) {
  const std::string& id = wanted.listener.id;
  Fd socket;
  if (!edge_.has_socket(id)) {
    auto made = edge_.listen(wanted.address, wanted.port);
    if (!made)
      return make_error(wanted.owner + " wants host " + place_of(wanted) + ": " +
                        made.error().message);
    socket = std::move(*made);
  }
  auto door = edge_.door();
  if (!door) return tl::unexpected(door.error());
  door_ = *door;
  door_->serve(wanted.listener, std::move(socket));
  door_->set_endpoints(id, wanted.endpoints);
  WantedDoor& known = open_[id] = wanted;
  known.back_off_until.reset();
  update(wanted, known);
  log_info("listening for traffic", {{"door", id}, {"endpoints", wanted.endpoints.size()}});
  return {};
}

void TrafficControl::update(const WantedDoor& wanted, WantedDoor& known) {
  const std::string& id = wanted.listener.id;
  if (!same_settings(wanted.listener, known.listener)) door_->serve(wanted.listener, Fd());
  if (wanted.back_off_until != known.back_off_until) {
    const TimePoint now = loop_.now().monotonic;
    door_->set_back_off(id, wanted.back_off_until
                                ? std::optional(std::max(*wanted.back_off_until - now, Duration(0)))
                                : std::nullopt);
  }
  if (wanted.endpoints != known.endpoints) door_->set_endpoints(id, wanted.endpoints);
  known = wanted;
}

void TrafficControl::retire_unwanted() {
  const TrafficPlan wanted = plan();
  std::erase_if(open_, [&](const auto& known) {
    if (wants(wanted, known.first)) return false;
    log_info("listening no more", {{"door", known.first}});
    door_->stop_serving(known.first);
    return true;
  });
  replan();  // a port that was given back may be somebody else's now
}

/// Once each, for as long as they last; and they are tried again.
void TrafficControl::report(const std::set<std::string>& problems) {
  for (const std::string& problem : problems) {
    if (problems_.contains(problem)) continue;
    log_error(problem + "; tried again until it can be had");
  }
  problems_ = problems;
  if (!problems_.empty()) retry_timer_.start(kPlanRetry);
}

void TrafficControl::look_over(const std::vector<std::string>& found) {
  if (found.empty()) return replan();
  auto door = edge_.door();
  if (!door) return;
  door_ = *door;
  for (const std::string& id : found) open_[id].listener.id = id;
  replan();
  // What it asked an earlier podvisor for may never have been heard.
  for (const auto& [id, known] : open_)
    for (const DoorEndpoint& endpoint : known.endpoints)
      if (endpoint.handed_over_sockets) on_sockets_wanted(id, endpoint.id, kFewSockets);
  retire_timer_.start(kUnwanted);
}

std::vector<std::string> TrafficControl::why_not(const std::vector<WantedDoor>& doors) const {
  std::vector<std::string> problems;
  for (const WantedDoor& door : doors) {
    const auto other = std::ranges::find_if(open_, [&](const auto& known) {
      return known.second.port == door.port && collide(known.second, door);
    });
    if (other != open_.end()) {
      if (other->second.owner != door.owner)
        problems.push_back(door.owner + " wants host " + place_of(door) + ", which " +
                           other->second.owner + " has");
      continue;
    }
    if (edge_.has_socket(door.listener.id)) continue;
    const auto tried = edge_.listen(door.address, door.port);
    if (!tried)
      problems.push_back(door.owner + " wants host " + place_of(door) + ": " +
                         tried.error().message);
  }
  return problems;
}

std::set<std::uint16_t> TrafficControl::ports() const {
  std::set<std::uint16_t> ports;
  for (const auto& [id, door] : open_) ports.insert(door.port);
  return ports;
}

/// A pod whose sandbox has not been taken over yet gets them a moment later.
void TrafficControl::on_sockets_wanted(const std::string& listener, const std::string& endpoint,
                                       unsigned count) {
  if (give_sockets(listener, endpoint, count)) return;
  late_sockets_[{listener, endpoint}] = count;
  late_sockets_timer_.start(kLateSockets);
}

bool TrafficControl::give_sockets(const std::string& listener, const std::string& endpoint,
                                  unsigned count) {
  constexpr unsigned kMost = 256;
  const PodUid pod = endpoint.substr(0, endpoint.find('/'));
  std::vector<Fd> made;
  while (made.size() < std::min(count, kMost)) {
    auto socket = sockets_.open_socket(pod, AF_INET, SOCK_STREAM);
    if (!socket) break;
    made.push_back(std::move(*socket));
  }
  if (made.empty()) return false;
  door_->give_sockets(listener, endpoint, std::move(made));
  return true;
}

/// For as long as the endpoint is there: the pod may be gone.
void TrafficControl::give_late_sockets() {
  std::erase_if(late_sockets_, [this](const auto& late) {
    const auto& [listener, endpoint] = late.first;
    const auto known = open_.find(listener);
    const bool there =
        known != open_.end() && std::ranges::any_of(known->second.endpoints, [&](const auto& one) {
          return one.id == late.first.second;
        });
    return !there || give_sockets(listener, endpoint, late.second);
  });
  if (!late_sockets_.empty()) late_sockets_timer_.start(kLateSockets);
}

}  // namespace podvisor
