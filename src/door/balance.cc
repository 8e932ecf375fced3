#include "door/balance.h"

#include <algorithm>
#include <functional>

#include "door/retry.h"

namespace podvisor::door {
namespace {

/// Rendezvous hashing: when an endpoint goes, only its own clients move.
std::uint64_t affinity_weight(const Endpoint& endpoint, std::uint64_t client) {
  std::uint64_t mixed = std::hash<std::string>{}(endpoint.id) ^ (client * 0x9e3779b97f4a7c15ULL);
  mixed ^= mixed >> 31;
  mixed *= 0xbf58476d1ce4e5b9ULL;
  return mixed ^ (mixed >> 29);
}

bool is_better(const Endpoint& one, const Endpoint& best, const Wish& wish) {
  if ((&best == wish.avoid) != (&one == wish.avoid)) return &best == wish.avoid;
  if (wish.affinity)
    return affinity_weight(one, *wish.affinity) > affinity_weight(best, *wish.affinity);
  return one.load() < best.load();
}

}  // namespace

void Rests::count_failure(const Endpoint& endpoint, TimePoint now) {
  Rest& rest = rests_[&endpoint];
  if (rest.until > now) return;  // others had set out before the first came back
  rest.until = now + rest_after(++rest.failures);
}

void Rests::count_success(const Endpoint& endpoint) {
  if (!rests_.empty()) rests_.erase(&endpoint);
}

bool Rests::rests(const Endpoint& endpoint, TimePoint now) const {
  if (rests_.empty()) return false;
  const auto rest = rests_.find(&endpoint);
  return rest != rests_.end() && rest->second.until > now;
}

std::optional<TimePoint> Rests::first_end(TimePoint now) const {
  std::optional<TimePoint> first;
  for (const auto& [endpoint, rest] : rests_)
    if (rest.until > now && (!first || rest.until < *first)) first = rest.until;
  return first;
}

void Rests::keep(const EndpointSet& endpoints) {
  std::erase_if(rests_, [&](const auto& rest) {
    return std::none_of(endpoints.begin(), endpoints.end(),
                        [&](const EndpointPtr& kept) { return kept.get() == rest.first; });
  });
}

const EndpointPtr* choose(const EndpointSet& endpoints, const Rests& rests, const Wish& wish,
                          std::size_t turn, TimePoint now) {
  const EndpointPtr* best = nullptr;
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    const EndpointPtr& one = endpoints[(turn + i) % endpoints.size()];
    if (!one->ready() || rests.rests(*one, now)) continue;
    if (best == nullptr || is_better(*one, **best, wish)) best = &one;
  }
  return best;
}

}  // namespace podvisor::door
