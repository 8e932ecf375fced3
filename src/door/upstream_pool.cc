#include "door/upstream_pool.h"

#include <algorithm>

namespace podvisor::door {

UpstreamPtr UpstreamPool::take(const Endpoint& endpoint, Duration max_idle) {
  const auto found = idle_.find(&endpoint);
  if (found == idle_.end() || found->second.empty()) return nullptr;
  if (reactor_.now() - found->second.back()->idle_since > max_idle) return nullptr;
  UpstreamPtr upstream = std::move(found->second.back());
  found->second.pop_back();
  upstream->reused = true;
  return upstream;
}

void UpstreamPool::put(UpstreamPtr upstream) {
  auto& idle = idle_[upstream->endpoint.get()];
  if (idle.size() >= kMaxIdle || !upstream->endpoint->ready() || upstream->socket.peer_closed())
    return drop(std::move(upstream));
  upstream->socket.owner(*this);
  upstream->idle_since = reactor_.now();
  idle.push_back(std::move(upstream));
  if (!at()) set(reactor_.wheel(), reactor_.now() + kKept);
}

void UpstreamPool::drop_unready() {
  for (auto entry = idle_.begin(); entry != idle_.end();) {
    auto& idle = entry->second;
    const bool keep = !idle.empty() && idle.front()->endpoint->ready();
    if (!keep)
      for (UpstreamPtr& upstream : idle) drop(std::move(upstream));
    entry = keep ? std::next(entry) : idle_.erase(entry);
  }
}

/// Whatever comes on an idle connection ends it: a FIN, a timeout's 408, nonsense.
void UpstreamPool::on_socket(Socket& socket) {
  if (!socket.readable() && !socket.peer_closed()) return;
  for (auto& [endpoint, idle] : idle_) {
    const auto found = std::find_if(idle.begin(), idle.end(),
                                    [&](const auto& one) { return &one->socket == &socket; });
    if (found == idle.end()) continue;
    UpstreamPtr gone = std::move(*found);
    idle.erase(found);
    gone->socket.close();
    return drop(std::move(gone));
  }
}

void UpstreamPool::on_deadline(TimePoint now) {
  bool any = false;
  for (auto& [endpoint, idle] : idle_) {
    const auto first_kept = std::find_if(
        idle.begin(), idle.end(), [&](const auto& one) { return now - one->idle_since < kKept; });
    for (auto old = idle.begin(); old != first_kept; ++old) drop(std::move(*old));
    idle.erase(idle.begin(), first_kept);
    any = any || !idle.empty();
  }
  if (any) set(reactor_.wheel(), now + kKept / 4);
}

}  // namespace podvisor::door
