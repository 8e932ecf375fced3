#include "runtime/logs/log_share.h"

#include <algorithm>
#include <utility>

namespace podvisor {

LogShare::LogShare(Loop& loop, Now now) : now_(std::move(now)), timer_(loop, [this] { wake(); }) {}

void LogShare::spend(const std::function<void()>& work) {
  const TimePoint start = now_();
  work();
  even_at_ = std::max(even_at_, start) + kPart * (now_() - start);
}

bool LogShare::spent() const { return even_at_ - now_() > kAhead; }

void LogShare::wait(const void* who, std::function<void()> again) {
  waiting_[who] = std::move(again);
  if (!timer_.active()) timer_.start(even_at_ - now_());
}

void LogShare::wake() {
  while (!waiting_.empty()) {
    const auto next = waiting_.extract(waiting_.begin());
    next.mapped()();
  }
}

}  // namespace podvisor
