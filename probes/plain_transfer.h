// One request and its response over a TCP socket.
//
// libcurl can do this too, but not cheaply: a transfer with it takes some 150,000 instructions, and
// the probe then twice as long as the bare system calls; HAProxy's checks are well below that. What
// is needed here is one send, one receive and a parser, so that is what there is.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "loop/socket_poll.h"
#include "podvisor/fd.h"
#include "probes/http_response.h"

namespace podvisor {

class PlainTransfer final : private SocketPoll::Watcher {
 public:
  /// Empty: the response is there, whole or as much of it as is wanted. Else why there is no more.
  using Done = std::function<void(std::string error)>;

  explicit PlainTransfer(SocketPoll& poll) : poll_(poll) {}
  ~PlainTransfer() { cancel(); }
  PlainTransfer(const PlainTransfer&) = delete;
  PlainTransfer& operator=(const PlainTransfer&) = delete;

  /// `request` and `response` are borrowed until `done` or cancel(). `done` is called later, once,
  /// with the socket closed. Not while one is under way.
  void start(Fd socket, std::string_view request, ProbeResponse& response, Done done);
  void cancel();  ///< none under way: does nothing

 private:
  void on_socket(int fd, std::uint32_t events) override;
  [[nodiscard]] bool send_rest();
  void receive();
  void on_received(ProbeResponseParser::Progress progress);
  void finish(std::string error);

  SocketPoll& poll_;
  Fd socket_;
  std::string_view unsent_;
  ProbeResponseParser parser_;
  Done done_;
};

}  // namespace podvisor
