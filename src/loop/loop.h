// The one event loop, and owners for its handles.
//
// libuv frees nothing itself: a handle's memory must live until its close callback. Each class here
// owns its handle through UvHandle, whose destructor closes it and lets the callback free it, so an
// owner may be destroyed at any time, also from within its own callback. Loop thread only.
#pragma once

#include <uv.h>

#include <cstdint>
#include <functional>
#include <memory>

#include "podvisor/time.h"

namespace podvisor {

class Loop : public Clock {
 public:
  Loop();
  ~Loop() override;  ///< every handle must have been closed or be closing
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void run();   ///< until stop() or until no handle is active
  void turn();  ///< what is there to be done now, without waiting
  void stop();
  /// Runs until no work of run_blocking() is under way; for an orderly end.
  void finish_blocking();
  /// Runs until `done` says so or the span is over, whichever comes first; for an orderly end.
  void run_until(const std::function<bool()>& done, Duration limit);
  [[nodiscard]] uv_loop_t* raw() { return &loop_; }
  [[nodiscard]] Instant now() const override;

 private:
  friend void run_blocking(Loop& loop, std::function<void()> work, std::function<void()> done);

  uv_loop_t loop_{};
  int blocking_jobs_ = 0;
};

/// Closes its handle, then frees it. The handle's `data` belongs to whoever owns it.
template <typename Handle>
struct UvClose {
  void operator()(Handle* handle) const {
    uv_close(reinterpret_cast<uv_handle_t*>(handle),
             [](uv_handle_t* closed) { delete reinterpret_cast<Handle*>(closed); });
  }
};
template <typename Handle>
using UvHandle = std::unique_ptr<Handle, UvClose<Handle>>;

/// Calls back once, not before the span is over (libuv counts in milliseconds; it is rounded up).
class Timer {
 public:
  Timer(Loop& loop, std::function<void()> callback);
  void start(Duration after);  ///< replaces an earlier start
  void stop();
  [[nodiscard]] bool active() const;
  /// Whether Loop::run() waits for it while it is started; it does unless told otherwise.
  void keep_loop_running(bool keep);

 private:
  std::function<void()> callback_;
  UvHandle<uv_timer_t> handle_;
};

/// Watches a descriptor that somebody else owns and that must outlive the Poll.
class Poll {
 public:
  /// `events` is a mask of UV_READABLE, UV_WRITABLE, UV_PRIORITIZED, UV_DISCONNECT; `error` is 0 or
  /// a UV_E… code.
  using Callback = std::function<void(int error, int events)>;
  Poll(Loop& loop, int fd, Callback callback);
  void start(int events);  ///< replaces an earlier mask
  void stop();

 private:
  Callback callback_;
  UvHandle<uv_poll_t> handle_;
};

/// Calls back for each delivery of the signal.
class SignalWatch {
 public:
  SignalWatch(Loop& loop, int signal, std::function<void()> callback);

 private:
  std::function<void()> callback_;
  UvHandle<uv_signal_t> handle_;
};

/// Does blocking work on another thread and then `done` on the loop's. Neither may throw.
void run_blocking(Loop& loop, std::function<void()> work, std::function<void()> done);

}  // namespace podvisor
