// What TrafficControl does for one pod: its drain, and the request that it must answer before it
// takes over.
#include <algorithm>
#include <utility>

#include "daemon/traffic_control.h"

namespace podvisor {
namespace {

constexpr Duration kSpread = std::chrono::seconds(5);
/// Beyond a drain's own limit.
constexpr Duration kDoorAnswers = std::chrono::seconds(2);
constexpr Duration kCheckAnswers = std::chrono::seconds(5);

// Parts of a drain that are no listeners.
constexpr const char* kReadyzPart = "/readyz";
constexpr const char* kHookPart = "--on-change";

bool is_listener(const std::string& part) { return part != kReadyzPart && part != kHookPart; }

/// The path that the readiness probe asks for, if it asks by HTTP and there is one.
std::string checked_path(const Pod& pod) {
  for (const Container& container : pod.spec.containers) {
    if (!container.readiness_probe) continue;
    if (const auto* get = std::get_if<HttpGetAction>(&container.readiness_probe->handler))
      return get->path.empty() || get->path.front() != '/' ? "/" + get->path : get->path;
  }
  return "/";
}

/// 502, 503 and 504 are what somebody in between says for one who does not answer.
std::string check_problem(int status) {
  return status >= 502 && status <= 504 ? "it answered " + std::to_string(status) : "";
}

}  // namespace

std::set<std::string> TrafficControl::listeners_of(const std::string& endpoint) const {
  std::set<std::string> listeners;
  for (const auto& [id, door] : open_)
    if (std::ranges::find(door.endpoints, endpoint, &DoorEndpoint::id) != door.endpoints.end())
      listeners.insert(id);
  return listeners;
}

void TrafficControl::drain(const Pod& pod, const pod_action::DrainTraffic& order) {
  const std::string key = endpoint_id(pod.metadata.uid, order.attempt);
  const auto known = drains_.find(key);
  if (known != drains_.end()) return begin_drain(key, known->second, pod, order.timeout);
  Drain drain{pod.metadata.uid, order.attempt, listeners_of(key), 0, nullptr, nullptr};
  const Duration delay = std::min<Duration>(pod.spec.policy.door.readyz_delay, order.timeout);
  if (delay > Duration(0)) {
    drain.pending.insert(kReadyzPart);
    drain.readyz = std::make_unique<Timer>(loop_, [this, key] { end_part(key, kReadyzPart); });
    drain.readyz->start(delay);
  }
  if (hook_ != nullptr) drain.pending.insert(kHookPart);
  if (drain.pending.empty())
    return events_.post(pod.metadata.uid, pod_event::TrafficDrained{order.attempt});
  begin_drain(key, drains_.emplace(key, std::move(drain)).first->second, pod, order.timeout);
  if (hook_ != nullptr) hook_->tell(pod, false, [this, key] { end_part(key, kHookPart); });
}

/// Also of one that is under way, with less time than it had.
void TrafficControl::begin_drain(const std::string& key, Drain& drain, const Pod& pod,
                                 Duration timeout) {
  const Duration delay = std::min<Duration>(pod.spec.policy.door.readyz_delay, timeout);
  if (drain.readyz && drain.readyz->active()) drain.readyz->start(delay);
  drain.limit = std::make_unique<Timer>(loop_, [this, key] {
    const std::set<std::string> unanswered = drains_.at(key).pending;
    for (const std::string& part : unanswered) end_part(key, part);
  });
  drain.limit->start(timeout + kDoorAnswers);
  const std::set<std::string> pending = drain.pending;  // an answer may come at once
  for (const std::string& listener : pending)
    if (is_listener(listener))
      door_->drain(listener, key, {.timeout = timeout, .spread = std::min(kSpread, timeout)});
}

void TrafficControl::on_drained(const std::string& listener, const std::string& endpoint,
                                std::uint64_t cut) {
  const auto found = drains_.find(endpoint);
  if (found == drains_.end()) return;
  found->second.cut += cut;
  end_part(endpoint, listener);
}

void TrafficControl::end_part(const std::string& endpoint, const std::string& part) {
  const auto found = drains_.find(endpoint);
  if (found == drains_.end()) return;
  found->second.pending.erase(part);
  if (!found->second.pending.empty()) return;
  const Drain drain = std::move(found->second);  // its timers may be who calls
  drains_.erase(found);
  if (drain.cut > 0)
    events_.post(drain.pod, pod_event::Noted{true,
                                             "DrainTimeout",
                                             std::to_string(drain.cut) +
                                                 " requests or connections were cut off, as they "
                                                 "went on for longer than the drain may take",
                                             {}});
  events_.post(drain.pod, pod_event::TrafficDrained{drain.attempt});
}

void TrafficControl::check(const Pod& pod, Done done) {
  const PodObject* object = store_.find_instance(pod);
  const int sandbox = object == nullptr ? -1 : object->status.traffic.sandbox;
  const std::string endpoint = endpoint_id(pod.metadata.uid, sandbox);
  const std::set<std::string> listeners = listeners_of(endpoint);
  if (listeners.empty() && hook_ == nullptr) return done("");
  const std::uint64_t first = next_check_;
  next_check_ += listeners.size() + (hook_ != nullptr ? 1 : 0);
  Check& check = checks_[first];
  check.done = std::move(done);
  check.limit = std::make_unique<Timer>(loop_, [this, first] {
    end_check(first, hook_ != nullptr
                         ? "the door or the program of --on-change did not answer in time"
                         : "the door did not answer in time");
  });
  check.limit->start(kCheckAnswers + kDoorAnswers);
  for (std::uint64_t id = first; id < next_check_; ++id) check.pending.insert(id);
  std::uint64_t id = first;
  for (const std::string& listener : listeners)
    door_->check(listener, id++,
                 {.endpoint = endpoint,
                  .path = checked_path(pod),
                  .host = "localhost",
                  .timeout = kCheckAnswers});
  if (hook_ != nullptr) hook_->tell(pod, true, [this, id] { on_checked(id, 200, ""); });
}

void TrafficControl::on_checked(std::uint64_t id, int status, const std::string& error) {
  const auto after = checks_.upper_bound(id);
  if (after == checks_.begin()) return;
  const auto found = std::prev(after);
  if (found->second.pending.erase(id) == 0) return;
  std::string problem = error.empty() ? check_problem(status) : error;
  if (problem.empty() && !found->second.pending.empty()) return;
  end_check(found->first, std::move(problem));
}

void TrafficControl::end_check(std::uint64_t first, std::string error) {
  auto node = checks_.extract(first);
  if (!node.empty()) node.mapped().done(std::move(error));
}

}  // namespace podvisor
