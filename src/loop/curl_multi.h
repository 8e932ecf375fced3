// libcurl's multi interface on the event loop: any number of transfers, no thread, no busy timer.
//
// libcurl decides which sockets it wants watched and when it wants to be called; both are handed on
// here. Transfers must be made with CURLOPT_NOSIGNAL, and the process must ignore SIGPIPE.
// Loop thread only.
#pragma once

#include <memory>
#include <optional>

#include "loop/libcurl.h"
#include "loop/loop.h"
#include "loop/socket_poll.h"
#include "podvisor/result.h"

namespace podvisor {

class CurlMulti final : private SocketPoll::Watcher {
 public:
  /// Who is told that a transfer ended. Set as the easy handle's CURLOPT_PRIVATE by add().
  class Transfer {
   public:
    /// Called once, on a later turn than add()'s caller, when the handle has already been taken
    /// out: it may be added again, reset or freed here.
    virtual void on_done(CURLcode code) = 0;

   protected:
    ~Transfer() = default;
  };

  /// `sockets` must outlive this. Needs libcurl only with the first transfer.
  CurlMulti(Loop& loop, SocketPoll& sockets);
  ~CurlMulti();  ///< every transfer must have ended or been removed
  CurlMulti(const CurlMulti&) = delete;
  CurlMulti& operator=(const CurlMulti&) = delete;

  /// Starts at once; both are borrowed until on_done() or remove(). Throws when out of memory.
  [[nodiscard]] Status add(CURL* easy, Transfer& transfer);
  /// Breaks a transfer off; on_done() will not be called. Not for handles that are not in.
  void remove(CURL* easy);

 private:
  struct CloseMulti {
    void operator()(CURLM* multi) const { curl().multi_cleanup(multi); }
  };

  static int on_watch(CURL* easy, curl_socket_t socket, int what, void* self, void* unused);
  static int on_timer(CURLM* multi, long wait_ms, void* self);
  void on_socket(int fd, std::uint32_t events) override;
  void open();
  void act(curl_socket_t socket, int what);
  void arm_timer();
  void deliver_done();

  SocketPoll& sockets_;
  Timer timer_;                               ///< libcurl's own
  Timer done_timer_;                          ///< for transfers that ended within add()
  std::unique_ptr<CURLM, CloseMulti> multi_;  ///< made for the first transfer
  std::optional<long> wanted_wait_ms_;        ///< what libcurl last asked for, until it is arranged
  int transfers_ = 0;                         ///< added and not yet removed
  int running_ = 0;                           ///< of these, according to libcurl, not yet done
  bool stopping_ = false;
};

}  // namespace podvisor
