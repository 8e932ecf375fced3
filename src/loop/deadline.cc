#include "loop/deadline.h"

#include <utility>

namespace podvisor {
namespace {

/// For a turn of the loop and an answer that it makes possible; and how late is late.
constexpr Duration kGrace = std::chrono::milliseconds(20);

}  // namespace

Deadline::Deadline(Loop& loop, std::function<void()> passed)
    : passed_(std::move(passed)), timer_(loop, [this] { on_timer(); }) {}

void Deadline::start(Duration after) {
  const TimePoint now = std::chrono::steady_clock::now();
  at_ = now + after;
  waited_ = false;
  timer_.keep_loop_running(true);
  if (!timer_.active() || timer_at_ > *at_) start_timer(now, after);
}

void Deadline::start_timer(TimePoint now, Duration after) {
  timer_at_ = now + after;
  timer_.start(after);
}

void Deadline::stop() {
  at_.reset();
  timer_.keep_loop_running(false);
}

void Deadline::on_timer() {
  if (!at_) return;
  const TimePoint now = std::chrono::steady_clock::now();
  if (now < *at_) return start_timer(now, *at_ - now);
  if (now - *at_ > kGrace && !std::exchange(waited_, true)) return start_timer(now, kGrace);
  at_.reset();
  passed_();
}

}  // namespace podvisor
