// A deadline that is set for every attempt and hardly ever met.
//
// Starting and stopping a timer each time would move it through the loop's heap, past the timers of
// every other probe. So a timer that is under way is left alone: should it fire too early, it is
// started again for the rest.
//
// A loop that stood still (podvisor was stopped, a callback took long) finds its timers before its
// sockets. What came meanwhile is not late for that: a deadline that is met too late waits for the
// sockets once. Loop thread only.
#pragma once

#include <functional>
#include <optional>

#include "loop/loop.h"
#include "podvisor/time.h"

namespace podvisor {

class Deadline {
 public:
  /// `passed` may destroy this.
  Deadline(Loop& loop, std::function<void()> passed);

  void start(Duration after);  ///< replaces an earlier start
  void stop();

 private:
  void on_timer();
  void start_timer(TimePoint now, Duration after);

  std::function<void()> passed_;
  std::optional<TimePoint> at_;
  bool waited_ = false;  ///< for the sockets
  TimePoint timer_at_;   ///< when timer_ fires, while it is active
  Timer timer_;
};

}  // namespace podvisor
