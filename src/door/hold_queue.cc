#include "door/hold_queue.h"

#include <algorithm>

namespace podvisor::door {

void ReleasePace::start(TimePoint now) {
  started_ = now;
  released_ = served_ = 0;
}

std::uint64_t ReleasePace::allowed(TimePoint now) const {
  if (!started_) return 0;
  const auto steps = static_cast<std::uint64_t>((now - *started_) / kStep);
  const std::uint64_t total = kFirst + served_ + steps;
  return total > released_ ? total - released_ : 0;
}

HoldQueue::Place HoldQueue::push(Held& held, TimePoint now, TimePoint deadline) {
  return entries_.insert(entries_.end(), Entry{&held, now, deadline});
}

void HoldQueue::leave(Place place) {
  entries_.erase(place);
  if (entries_.empty()) pace_.stop();
}

std::optional<HoldQueue::Entry> HoldQueue::take_overdue(TimePoint now) {
  const auto overdue = std::find_if(entries_.begin(), entries_.end(),
                                    [&](const Entry& entry) { return entry.deadline <= now; });
  if (overdue == entries_.end()) return std::nullopt;
  const Entry taken = *overdue;
  leave(overdue);
  return taken;
}

std::optional<HoldQueue::Entry> HoldQueue::take_released(TimePoint now) {
  if (entries_.empty()) return std::nullopt;
  if (!pace_.started()) pace_.start(now);
  if (pace_.allowed(now) == 0) return std::nullopt;
  pace_.count_released();
  return take_first();
}

std::optional<HoldQueue::Entry> HoldQueue::take_first() {
  if (entries_.empty()) return std::nullopt;
  const Entry first = entries_.front();
  leave(entries_.begin());
  return first;
}

std::optional<TimePoint> HoldQueue::wake_at(TimePoint now) const {
  if (entries_.empty()) return std::nullopt;
  if (pace_.started()) return now + ReleasePace::kStep;
  const auto first =
      std::min_element(entries_.begin(), entries_.end(),
                       [](const Entry& a, const Entry& b) { return a.deadline < b.deadline; });
  return first->deadline;
}

}  // namespace podvisor::door
