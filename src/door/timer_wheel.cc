#include "door/timer_wheel.h"

#include <algorithm>
#include <bit>

namespace podvisor::door {

void Deadline::set(TimerWheel& wheel, TimePoint at) {
  at_ = at;
  // A later deadline leaves the link where it is: it is moved when its old slot comes round.
  if (link_ != nullptr && wheel.tick_of(at) >= tick_) return;
  unlink();
  wheel.link(*this);
}

void Deadline::clear() {
  at_.reset();
  unlink();
}

void Deadline::unlink() {
  if (link_ == nullptr) return;
  *link_ = next_;
  if (next_ != nullptr) next_->link_ = link_;
  link_ = nullptr;
  next_ = nullptr;
}

TimerWheel::~TimerWheel() {
  for (Deadline* deadline : slots_)
    while (deadline != nullptr) {
      Deadline* next = deadline->next_;
      deadline->at_.reset();
      deadline->link_ = nullptr;
      deadline->next_ = nullptr;
      deadline = next;
    }
}

/// Rounded up, so that nothing is early.
std::uint64_t TimerWheel::tick_of(TimePoint at) const {
  const Duration after = std::max(at - start_, Duration::zero());
  return static_cast<std::uint64_t>((after + kTick - Duration(1)) / kTick);
}

void TimerWheel::link(Deadline& deadline) {
  const std::uint64_t wanted = std::max(tick_of(*deadline.at_), done_ + 1);
  deadline.tick_ = std::min(wanted, done_ + kSlots - 1);  // farther ones come round again
  const std::size_t slot = deadline.tick_ % kSlots;
  used_[slot / 64] |= std::uint64_t{1} << (slot % 64);
  Deadline*& head = slots_[slot];
  deadline.next_ = head;
  deadline.link_ = &head;
  if (head != nullptr) head->link_ = &deadline.next_;
  head = &deadline;
}

void TimerWheel::advance(TimePoint now) {
  if (now < start_) return;
  const auto current = static_cast<std::uint64_t>((now - start_) / kTick);
  // After a long sleep one round visits every slot.
  if (current > done_ + kSlots) done_ = current - kSlots;
  while (done_ < current) {
    ++done_;
    run_slot(done_, now);
  }
}

void TimerWheel::run_slot(std::uint64_t tick, TimePoint now) {
  const std::size_t slot = tick % kSlots;
  used_[slot / 64] &= ~(std::uint64_t{1} << (slot % 64));
  Deadline*& head = slots_[slot];
  Deadline* due = head;  // a list of its own, so that re-linking here cannot loop
  head = nullptr;
  if (due != nullptr) due->link_ = &due;
  while (due != nullptr) {
    Deadline& deadline = *due;
    deadline.unlink();
    if (!deadline.at_) continue;
    if (*deadline.at_ > now) {
      link(deadline);
      continue;
    }
    deadline.at_.reset();
    deadline.on_deadline(now);
  }
}

std::optional<TimePoint> TimerWheel::next() const {
  for (std::uint64_t tick = done_ + 1; tick < done_ + kSlots;) {
    const std::size_t slot = tick % kSlots;
    const std::uint64_t later = used_[slot / 64] >> (slot % 64);
    if (later != 0) {
      tick += static_cast<std::uint64_t>(std::countr_zero(later));
      return start_ + kTick * static_cast<Duration::rep>(tick);
    }
    tick += 64 - slot % 64;
  }
  return std::nullopt;
}

}  // namespace podvisor::door
