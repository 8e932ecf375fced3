// Which endpoint gets the next request. Pure but for the counts it reads.
#pragma once

#include <optional>
#include <unordered_map>

#include "door/endpoint.h"

namespace podvisor::door {

/// Endpoints that could not be reached, left alone for a moment. Of one worker: what it saw itself.
class Rests {
 public:
  void count_failure(const Endpoint& endpoint, TimePoint now);
  void count_success(const Endpoint& endpoint);
  [[nodiscard]] bool rests(const Endpoint& endpoint, TimePoint now) const;
  /// When the first of them is over.
  [[nodiscard]] std::optional<TimePoint> first_end(TimePoint now) const;
  /// Forgets whoever is not in the set.
  void keep(const EndpointSet& endpoints);

 private:
  struct Rest {
    int failures = 0;
    TimePoint until;
  };
  std::unordered_map<const Endpoint*, Rest> rests_;
};

struct Wish {
  const Endpoint* avoid = nullptr;        ///< only if there is no other
  std::optional<std::uint64_t> affinity;  ///< a client's number: it stays where it is
};

/// The Ready one with the least in flight; of equals the one after the last of this worker's turns.
/// nullptr: there is none, or all rest.
[[nodiscard]] const EndpointPtr* choose(const EndpointSet& endpoints, const Rests& rests,
                                        const Wish& wish, std::size_t turn, TimePoint now);

}  // namespace podvisor::door
