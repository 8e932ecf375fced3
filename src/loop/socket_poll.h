// Readiness of many short-lived sockets, at one epoll_ctl for each.
//
// A uv_poll_t costs a probe's socket an ioctl and four epoll_ctl (libuv tries the descriptor first
// and always takes it out again), and its memory outlives the socket. Here the sockets sit in an
// epoll set of their own, whose descriptor is the only one that libuv sees; the kernel takes a
// closed socket out by itself. Level-triggered. Loop thread only; does not keep the loop running.
#pragma once

#include <sys/epoll.h>

#include <cstdint>
#include <vector>

#include "loop/loop.h"
#include "podvisor/fd.h"
#include "podvisor/result.h"

namespace podvisor {

class SocketPoll {
 public:
  class Watcher {
   public:
    /// `events`: those of EPOLLIN and EPOLLOUT that were asked for, EPOLLERR, EPOLLHUP; 0 for
    /// revisit(). May watch and forget any socket, its own too, and destroy itself.
    virtual void on_socket(int fd, std::uint32_t events) = 0;

   protected:
    ~Watcher() = default;
  };

  explicit SocketPoll(Loop& loop);  ///< throws like Loop's handles: out of descriptors
  SocketPoll(const SocketPoll&) = delete;
  SocketPoll& operator=(const SocketPoll&) = delete;

  /// `fd` and `watcher` are borrowed until forget(fd); a second call replaces mask and watcher.
  [[nodiscard]] Status watch(int fd, std::uint32_t events, Watcher& watcher);
  /// Calls the watcher once, before the loop next waits, whatever the state of `fd`, which is not
  /// watched meanwhile. So what many callers of one turn do next, they do one after the other.
  void revisit(int fd, Watcher& watcher);
  /// Must be called before `fd` is closed. Unknown ones do nothing. No system call: whoever forgets
  /// a socket is about to close it; should it stay open, its next event takes it out of the set.
  void forget(int fd);

 private:
  struct Entry {
    Watcher* watcher = nullptr;
    bool in_epoll = false;  ///< as far as is known: a closed socket has left by itself
    /// Tells an event of this socket from one still queued for an earlier socket of this number.
    std::uint32_t generation = 0;
  };

  [[nodiscard]] Entry& entry(int fd);
  void dispatch();
  void deliver(const epoll_event& event);
  void deliver_revisits();

  Fd epoll_;
  std::vector<Entry> entries_;           ///< by descriptor
  std::vector<std::uint64_t> revisits_;  ///< keys, as in epoll_event
  UvHandle<uv_poll_t> handle_;
  UvHandle<uv_prepare_t> prepare_;
};

}  // namespace podvisor
