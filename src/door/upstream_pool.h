// A worker's idle connections to a listener's endpoints, the last used first.
#pragma once

#include <list>
#include <unordered_map>

#include "door/upstream.h"

namespace podvisor::door {

class UpstreamPool final : private Socket::Owner, private Deadline {
 public:
  /// Shorter than servers keep their idle connections, so that they seldom close under a request.
  static constexpr Duration kKept = std::chrono::seconds(4);
  static constexpr std::size_t kMaxIdle = 512;  ///< for each endpoint

  explicit UpstreamPool(Reactor& reactor) : reactor_(reactor) {}

  /// Idle for no longer than `max_idle`; nullptr: none.
  [[nodiscard]] UpstreamPtr take(const Endpoint& endpoint, Duration max_idle);
  void put(UpstreamPtr upstream);
  /// Closes those to endpoints that are not Ready: a server that is asked to end waits for them.
  void drop_unready();

 private:
  void on_socket(Socket& socket) override;
  void on_deadline(TimePoint now) override;
  void drop(UpstreamPtr upstream) { reactor_.bury(std::shared_ptr<Upstream>(std::move(upstream))); }

  Reactor& reactor_;
  std::unordered_map<const Endpoint*, std::vector<UpstreamPtr>> idle_;  ///< oldest first
};

}  // namespace podvisor::door
