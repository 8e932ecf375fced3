#include "probes/deadline.h"

#include <utility>

namespace podvisor {

Deadline::Deadline(Loop& loop, std::function<void()> passed)
    : passed_(std::move(passed)), timer_(loop, [this] { on_timer(); }) {}

void Deadline::start(Duration after) {
  at_ = std::chrono::steady_clock::now() + after;
  timer_.keep_loop_running(true);
  if (timer_.active() && timer_at_ <= *at_) return;
  timer_at_ = *at_;
  timer_.start(after);
}

void Deadline::stop() {
  at_.reset();
  timer_.keep_loop_running(false);
}

void Deadline::on_timer() {
  if (!at_) return;
  const Duration left = *at_ - std::chrono::steady_clock::now();
  if (left > Duration::zero()) {
    timer_at_ = *at_;
    timer_.start(left);
    return;
  }
  at_.reset();
  passed_();
}

}  // namespace podvisor
