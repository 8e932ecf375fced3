// How much of the loop's time containers' output may have: a quarter, however many pour how much.
// The loop runs the probes, too, and a container that writes as fast as it can would be read as
// fast as that. Who is not read waits in its own write(). Loop thread only.
#pragma once

#include <chrono>
#include <functional>
#include <map>

#include "loop/loop.h"
#include "podvisor/time.h"

namespace podvisor {

class LogShare {
 public:
  static constexpr int kPart = 4;  ///< one part in so many
  /// What may be spent at once, counted with the time that it costs the others.
  static constexpr Duration kAhead = std::chrono::milliseconds(10);

  using Now = std::function<TimePoint()>;
  explicit LogShare(Loop& loop, Now now = std::chrono::steady_clock::now);

  /// Does it, and counts the time that it took.
  void spend(const std::function<void()>& work);
  /// Nothing may be spent before time has passed.
  [[nodiscard]] bool spent() const;
  /// Calls `again` when it has; once for each `who`.
  void wait(const void* who, std::function<void()> again);
  void forget(const void* who) { waiting_.erase(who); }

 private:
  void wake();

  Now now_;
  TimePoint even_at_;  ///< by when what was spent will be its part of the time
  std::map<const void*, std::function<void()>> waiting_;
  Timer timer_;
};

}  // namespace podvisor
