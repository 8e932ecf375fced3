// The client's end of an exec: the handshake over podvisor's Unix socket, then messages by channel.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cli/api_client.h"
#include "http/websocket.h"
#include "podvisor/exec_channel.h"
#include "podvisor/fd.h"
#include "podvisor/result.h"

namespace podvisor::cli {

struct ChannelData {
  ExecChannel channel = ExecChannel::Stdout;
  std::string data;
};

class ExecConnection {
 public:
  /// Blocks until podvisor has answered. A refusal is an error in kubectl's words.
  [[nodiscard]] static Result<ExecConnection> open(const std::string& socket,
                                                   const std::string& path);

  [[nodiscard]] int fd() const { return socket_.get(); }  ///< for poll(); non-blocking
  [[nodiscard]] bool has_unsent() const { return !outgoing_.empty(); }
  /// Queues; flush() sends.
  void send(ExecChannel channel, std::string_view data);
  /// As much as the socket takes now. False: podvisor has hung up.
  [[nodiscard]] bool flush();
  /// Reads what is there. False: podvisor has hung up, or says what is no WebSocket; what came
  /// before is still to be had from next().
  [[nodiscard]] bool receive();
  [[nodiscard]] std::optional<ChannelData> next();

 private:
  explicit ExecConnection(Fd socket) : socket_(std::move(socket)) {}
  [[nodiscard]] Status shake_hands(const std::string& path);
  [[nodiscard]] Result<std::string> read_head();
  [[nodiscard]] Response read_refusal(long status, std::string body);

  Fd socket_;
  std::string outgoing_;
  websocket::Reader reader_{websocket::Role::Server};
};

}  // namespace podvisor::cli
