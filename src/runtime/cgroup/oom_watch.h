// Waits for a cgroup's oom_kill counter to rise.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "loop/loop.h"
#include "podvisor/fd.h"

namespace podvisor {

/// A descriptor says that there may be news, the counter says whether there are.
class OomWatch {
 public:
  struct Source {
    Fd notice;       ///< polled
    int events = 0;  ///< UV_READABLE or UV_PRIORITIZED
    /// The descriptor may fire before the counter has risen: look again for a while.
    bool early = false;
    /// Takes what made the descriptor fire, so that it can fire again, and returns the counter;
    /// negative when the cgroup is gone.
    std::function<std::int64_t(int notice)> count;
  };
  /// Rises since now count. The callback may destroy the watch.
  OomWatch(Loop& loop, Source source, std::function<void()> callback);

 private:
  void on_notice(int error);
  void look();

  Source source_;
  std::function<void()> callback_;
  std::int64_t seen_;
  int looks_left_ = 0;
  Timer again_;
  Poll poll_;
};

}  // namespace podvisor
