#include "loop/loop.h"

#include <poll.h>

#include <csignal>
#include <stdexcept>
#include <string>

namespace podvisor {
namespace {

// Handles fail to initialise only when the process is out of descriptors or memory.
void require(int code, const char* what) {
  if (code < 0) throw std::runtime_error(std::string(what) + ": " + uv_strerror(code));
}

/// Of those that were killed with their ChildProcess: libuv has not heard yet that they have ended.
bool waits_for_children(uv_loop_t& loop) {
  bool waits = false;
  uv_walk(
      &loop,
      [](uv_handle_t* handle, void* found) {
        if (uv_handle_get_type(handle) == UV_PROCESS && !uv_is_closing(handle))
          *static_cast<bool*>(found) = true;
      },
      &waits);
  return waits;
}

/// Its signal handler would otherwise look for them in a loop that is gone. One that not even
/// SIGKILL ends is not waited for without limit.
void hear_of_children(uv_loop_t& loop) {
  constexpr int kPatience = 200;
  constexpr int kMilliseconds = 10;
  for (int tries = 0; tries < kPatience && waits_for_children(loop); ++tries) {
    pollfd events{uv_backend_fd(&loop), POLLIN, 0};
    ::poll(&events, 1, kMilliseconds);
    uv_run(&loop, UV_RUN_NOWAIT);
  }
}

/// Where signals are handled matters: a handler that another thread is still in the midst of may
/// say something after the loop has looked for the last time. So they are all the loop thread's;
/// libuv's others begin with the mask of whoever first gives them something to do.
class WithoutSignals {
 public:
  WithoutSignals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~WithoutSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  WithoutSignals(const WithoutSignals&) = delete;
  WithoutSignals& operator=(const WithoutSignals&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace

Loop::Loop() { require(uv_loop_init(&loop_), "uv_loop_init"); }

Loop::~Loop() {
  // What run_blocking() has begun would come back to a loop that is gone.
  while (loop_.active_reqs.count > 0) uv_run(&loop_, UV_RUN_ONCE);
  uv_run(&loop_, UV_RUN_NOWAIT);  // does nothing but forget a stop() that came after the last run
  hear_of_children(loop_);
  uv_run(&loop_, UV_RUN_NOWAIT);  // lets close callbacks free their handles
  uv_loop_close(&loop_);
}

void Loop::run() { uv_run(&loop_, UV_RUN_DEFAULT); }

void Loop::turn() { uv_run(&loop_, UV_RUN_NOWAIT); }

void Loop::stop() { uv_stop(&loop_); }

void Loop::finish_blocking() {
  while (blocking_jobs_ > 0) uv_run(&loop_, UV_RUN_ONCE);
}

void Loop::run_until(const std::function<bool()>& done, Duration limit) {
  bool over = false;
  Timer timer(*this, [this, &over] {
    over = true;
    stop();  // timers come before sockets, and those would be waited for as long as nobody else
             // calls
  });
  timer.start(limit);
  while (!over && !done()) uv_run(&loop_, UV_RUN_ONCE);
}

Instant Loop::now() const {
  return {std::chrono::steady_clock::now(), std::chrono::system_clock::now()};
}

Timer::Timer(Loop& loop, std::function<void()> callback)
    : callback_(std::move(callback)), handle_(new uv_timer_t) {
  uv_timer_init(loop.raw(), handle_.get());
  handle_->data = this;
}

void Timer::start(Duration after) {
  // uv_timer_start counts from the loop's cached time, which is stale after a long callback.
  uv_update_time(handle_->loop);
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(after).count();
  uv_timer_start(
      handle_.get(), [](uv_timer_t* timer) { static_cast<Timer*>(timer->data)->callback_(); },
      wait > 0 ? static_cast<std::uint64_t>(wait) : 0, 0);
}

void Timer::stop() { uv_timer_stop(handle_.get()); }

bool Timer::active() const {
  return uv_is_active(reinterpret_cast<const uv_handle_t*>(handle_.get())) != 0;
}

void Timer::keep_loop_running(bool keep) {
  auto* handle = reinterpret_cast<uv_handle_t*>(handle_.get());
  keep ? uv_ref(handle) : uv_unref(handle);
}

Poll::Poll(Loop& loop, int fd, Callback callback) : callback_(std::move(callback)) {
  auto handle = std::make_unique<uv_poll_t>();
  require(uv_poll_init(loop.raw(), handle.get(), fd), "uv_poll_init");
  handle_.reset(handle.release());
  handle_->data = this;
}

void Poll::start(int events) {
  uv_poll_start(handle_.get(), events, [](uv_poll_t* poll, int status, int fired) {
    static_cast<Poll*>(poll->data)->callback_(status, fired);
  });
}

void Poll::stop() { uv_poll_stop(handle_.get()); }

SignalWatch::SignalWatch(Loop& loop, int signal, std::function<void()> callback)
    : callback_(std::move(callback)), handle_(new uv_signal_t) {
  require(uv_signal_init(loop.raw(), handle_.get()), "uv_signal_init");
  handle_->data = this;
  uv_signal_start(
      handle_.get(),
      [](uv_signal_t* watch, int) { static_cast<SignalWatch*>(watch->data)->callback_(); }, signal);
}

void run_blocking(Loop& loop, std::function<void()> work, std::function<void()> done) {
  struct Job {
    Loop& loop;
    uv_work_t request{};
    std::function<void()> work;
    std::function<void()> done;
  };
  auto job = std::make_unique<Job>(Job{loop, {}, std::move(work), std::move(done)});
  job->request.data = job.get();
  const WithoutSignals masked;
  require(uv_queue_work(
              loop.raw(), &job->request,
              [](uv_work_t* request) { static_cast<Job*>(request->data)->work(); },
              [](uv_work_t* request, int) {
                const std::unique_ptr<Job> finished(static_cast<Job*>(request->data));
                --finished->loop.blocking_jobs_;
                finished->done();
              }),
          "uv_queue_work");
  ++loop.blocking_jobs_;
  static_cast<void>(job.release());  // freed by the callback above
}

}  // namespace podvisor
