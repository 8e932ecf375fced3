// A listener as one worker serves it: its endpoints, its idle connections, who waits.
#pragma once

#include <memory>

#include "door/balance.h"
#include "door/dialer.h"
#include "door/hold_queue.h"
#include "door/listener.h"
#include "door/upstream_pool.h"

namespace podvisor::door {

class Service final : private Deadline {
 public:
  Service(Reactor& reactor, BufferPool& buffers, std::shared_ptr<Listener> listener,
          std::size_t worker);

  [[nodiscard]] Reactor& reactor() { return reactor_; }
  [[nodiscard]] BufferPool& buffers() { return buffers_; }
  [[nodiscard]] Listener& listener() { return *listener_; }
  [[nodiscard]] WorkerCounters& counters() { return counters_; }
  [[nodiscard]] const DoorListener& settings() const { return *settings_; }
  [[nodiscard]] UpstreamPool& pool() { return pool_; }
  [[nodiscard]] HoldQueue& hold() { return hold_; }
  [[nodiscard]] Rests& rests() { return rests_; }
  [[nodiscard]] Dialer& dialer_for(const Endpoint& endpoint);

  void settings(std::shared_ptr<const DoorListener> settings) { settings_ = std::move(settings); }
  /// The whole set, in one step.
  void endpoints(std::shared_ptr<const EndpointSet> endpoints);
  /// Something may have become possible, or is over: lets those go who may, in time.
  void look_after_held();
  /// Whoever could not be reached is tried again at once: sockets have come.
  void end_rests();
  /// Refuses all who wait; nothing will come any more.
  void stop();
  [[nodiscard]] bool stopped() const { return stopped_; }

  /// Claimed; empty where there is none to be had.
  [[nodiscard]] Claim claim(const Wish& wish);

 private:
  void on_deadline(TimePoint now) override;
  [[nodiscard]] bool anybody_there() const;
  void arm();

  Reactor& reactor_;
  BufferPool& buffers_;
  std::shared_ptr<Listener> listener_;
  WorkerCounters& counters_;
  std::shared_ptr<const DoorListener> settings_;
  std::shared_ptr<const EndpointSet> endpoints_;
  UpstreamPool pool_;
  HoldQueue hold_;
  Rests rests_;
  HostDialer host_dialer_;
  HandedOverDialer handed_over_dialer_;
  std::size_t turn_ = 0;
  bool stopped_ = false;
  bool looking_ = false;  ///< look_after_held() is on the stack
};

}  // namespace podvisor::door
