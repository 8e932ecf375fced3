// Who waits for an endpoint, in the order of arrival, and how fast they go once there is one
// (DIF-3.6). Pure: the time is an argument. Each worker has one for each listener.
#pragma once

#include <cstdint>
#include <list>
#include <optional>

#include "podvisor/time.h"

namespace podvisor::door {

/// Who has waited is let go a few at first, then one more for each that has been served and one for
/// each step of time, so that a pod that has only just come up is not trampled.
class ReleasePace {
 public:
  static constexpr std::uint64_t kFirst = 16;
  static constexpr Duration kStep = std::chrono::milliseconds(5);

  void start(TimePoint now);
  void stop() { started_.reset(); }
  [[nodiscard]] bool started() const { return started_.has_value(); }
  /// How many may go now.
  [[nodiscard]] std::uint64_t allowed(TimePoint now) const;
  void count_released() { ++released_; }
  void count_served() { ++served_; }

 private:
  std::optional<TimePoint> started_;
  std::uint64_t released_ = 0;
  std::uint64_t served_ = 0;
};

class Held {
 public:
  virtual void on_released() = 0;
  virtual void on_hold_timeout() = 0;

 protected:
  ~Held() = default;
};

class HoldQueue {
 public:
  struct Entry {
    Held* held = nullptr;
    TimePoint since;
    TimePoint deadline;
  };
  using Place = std::list<Entry>::iterator;

  [[nodiscard]] Place push(Held& held, TimePoint now, TimePoint deadline);
  void leave(Place place);
  [[nodiscard]] bool empty() const { return entries_.empty(); }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }

  /// Takes out one whose time is over.
  [[nodiscard]] std::optional<Entry> take_overdue(TimePoint now);
  /// Takes out the next who may go now that there is an endpoint.
  [[nodiscard]] std::optional<Entry> take_released(TimePoint now);
  /// Takes out the first, whatever the time: the listener is going away.
  [[nodiscard]] std::optional<Entry> take_first();
  /// There is no endpoint (any more): the pace begins anew with the next.
  void stall() { pace_.stop(); }
  void count_served() { pace_.count_served(); }
  /// When to look again; nothing: nobody waits.
  [[nodiscard]] std::optional<TimePoint> wake_at(TimePoint now) const;

 private:
  std::list<Entry> entries_;
  ReleasePace pace_;
};

}  // namespace podvisor::door
