// An HTTP/1.1 server on our own loop: libmicrohttpd does the protocol, its epoll descriptor is one
// of the loop's. No thread, no blocking call; handlers run on the loop thread.
#pragma once

#include <microhttpd.h>

#include <memory>
#include <optional>
#include <unordered_map>

#include "http/exchange.h"
#include "http/message.h"
#include "loop/loop.h"
#include "podvisor/fd.h"
#include "podvisor/result.h"

namespace podvisor {

class HttpServer {
 public:
  /// Serves `listening` until destroyed. Destroying it cuts every connection; streams are closed.
  [[nodiscard]] static Result<std::unique_ptr<HttpServer>> start(Loop& loop, Fd listening,
                                                                 HttpHandler handler,
                                                                 HttpLimits limits = {});
  /// Streams that are still being sent.
  [[nodiscard]] std::size_t streams() const;

  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  ~HttpServer();

 private:
  struct Callbacks;  ///< what libmicrohttpd calls

  struct Connection {
    int socket = -1;  ///< the library's
    std::optional<uid_t> peer_uid;
    std::optional<TimePoint> deadline;  ///< none while a stream is being sent
    std::unique_ptr<HttpExchange> exchange;
  };

  HttpServer(Loop& loop, HttpHandler handler, HttpLimits limits);
  [[nodiscard]] Status open(Fd listening);
  void run();
  void run_soon();

  void connected(MHD_Connection* handle);
  void disconnected(MHD_Connection* handle);
  void begin_exchange(MHD_Connection* handle, const char* target);
  [[nodiscard]] MHD_Result receive(MHD_Connection* handle, const char* method, const char* data,
                                   std::size_t& size);
  [[nodiscard]] HttpReply reply_to(Connection& connection, const char* method);
  [[nodiscard]] MHD_Result answer(Connection& connection, HttpReply reply);
  void end_exchange(MHD_Connection* handle);

  void set_deadline(Connection& connection, Duration span);
  void close_overdue();

  Loop& loop_;
  HttpHandler handler_;
  HttpLimits limits_;
  std::unordered_map<MHD_Connection*, Connection> connections_;
  bool run_again_ = false;
  Timer run_timer_;
  Timer deadline_timer_;
  std::unique_ptr<Poll> poll_;
  MHD_Daemon* daemon_ = nullptr;
};

}  // namespace podvisor
