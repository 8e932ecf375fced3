// Many deadlines that mostly move on before they are due: setting one later costs a store. Pure:
// the time is an argument. Deadlines are met late by up to a tick, never early.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "podvisor/time.h"

namespace podvisor::door {

class TimerWheel;

/// A deadline of somebody's own; may be destroyed at any time.
class Deadline {
 public:
  Deadline() = default;
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;
  virtual ~Deadline() { clear(); }

  void set(TimerWheel& wheel, TimePoint at);
  void clear();
  [[nodiscard]] std::optional<TimePoint> at() const { return at_; }

 protected:
  /// Due, and already cleared.
  virtual void on_deadline(TimePoint now) = 0;

 private:
  friend class TimerWheel;
  void unlink();

  std::optional<TimePoint> at_;
  Deadline* next_ = nullptr;
  Deadline** link_ = nullptr;  ///< what points to this; nullptr: in no slot
  std::uint64_t tick_ = 0;     ///< of the slot that it is in
};

class TimerWheel {
 public:
  static constexpr Duration kTick = std::chrono::milliseconds(4);
  static constexpr std::size_t kSlots = 1024;

  explicit TimerWheel(TimePoint now) : start_(now) {}
  TimerWheel(const TimerWheel&) = delete;
  TimerWheel& operator=(const TimerWheel&) = delete;
  ~TimerWheel();

  /// Calls whoever is due.
  void advance(TimePoint now);
  /// When advance() next has something to do, at the latest; nothing: never.
  [[nodiscard]] std::optional<TimePoint> next() const;

 private:
  friend class Deadline;
  void link(Deadline& deadline);
  [[nodiscard]] std::uint64_t tick_of(TimePoint at) const;
  void run_slot(std::uint64_t tick, TimePoint now);

  TimePoint start_;
  std::uint64_t done_ = 0;  ///< ticks before and with this one have been run
  std::array<Deadline*, kSlots> slots_{};
  /// A bit for each slot; set while it may hold somebody.
  std::array<std::uint64_t, kSlots / 64> used_{};
};

}  // namespace podvisor::door
