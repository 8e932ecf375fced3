// One thread's event loop: edge-triggered epoll, deadlines, and a letter box for other threads.
//
// Not libuv: a relayed request is five system calls, and libuv's poll handles would add as many
// epoll_ctl again. A socket is put into the set once, for its life.
#pragma once

#include <sys/epoll.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "door/timer_wheel.h"
#include "podvisor/fd.h"
#include "podvisor/result.h"

namespace podvisor::door {

class Reactor {
 public:
  class Watcher {
   public:
    virtual ~Watcher() = default;
    /// `events` as of epoll, or 0 for again(). May add, remove and bury anything.
    virtual void on_events(std::uint32_t events) = 0;

   private:
    friend class Reactor;
    bool again_ = false;
  };

  Reactor();  ///< throws when out of descriptors
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;
  ~Reactor();

  /// `fd` and `watcher` are borrowed until remove() or, for the former, close(). A watcher must
  /// live on until the turn is over: bury() it.
  [[nodiscard]] Status add(int fd, std::uint32_t events, Watcher& watcher);
  void remove(int fd);
  /// Calls the watcher with 0 in the next turn: it had more to do than one turn's share.
  void again(Watcher& watcher);
  void not_again(Watcher& watcher);
  /// Destroyed when nothing of this turn can refer to it any more.
  void bury(std::shared_ptr<void> dead);

  /// Any thread: run on this one's, soon. After stop() it is dropped.
  void post(std::function<void()> letter);

  void run();   ///< until stop()
  void stop();  ///< any thread
  /// One turn; waits at most so long. For tests.
  void turn(Duration wait_at_most);

  [[nodiscard]] TimePoint now() const { return now_; }  ///< of this turn
  [[nodiscard]] TimerWheel& wheel() { return wheel_; }

 private:
  [[nodiscard]] int wait_for(Duration at_most) const;
  void read_letters();
  void run_again();

  Fd epoll_;
  Fd bell_;
  TimePoint now_;
  TimerWheel wheel_;
  std::vector<Watcher*> again_;
  std::vector<std::shared_ptr<void>> buried_;
  std::mutex mutex_;
  std::vector<std::function<void()>> letters_;  ///< under mutex_
  bool stopping_ = false;                       ///< this thread's
};

}  // namespace podvisor::door
