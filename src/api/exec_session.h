// One exec and its client: between the command's streams and a WebSocket, each side as fast as the
// other takes it.
//
//   client ──► Reader ──► stdin_ ──► command        while stdin_ is not empty, nothing is read
//   client ◄── outgoing_ ◄── stdout, stderr         while outgoing_ is full, nothing is read
//
// When the command has ended, what it wrote is sent, then how it ended, then the connection is
// closed. When the client leaves first, the command is killed with everything that it started.
// Loop thread only.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "api/exec_channels.h"
#include "http/websocket.h"
#include "loop/loop.h"
#include "podvisor/fd.h"
#include "podvisor/ports/exec_streams.h"

namespace podvisor {

class ExecSession {
 public:
  /// `tty`: the streams will be a terminal's.
  ExecSession(Loop& loop, StreamingExecutor& executor, bool tty);
  /// A command that has not ended is killed.
  ~ExecSession();
  ExecSession(const ExecSession&) = delete;
  ExecSession& operator=(const ExecSession&) = delete;

  void set_streams(ExecStreams streams);
  /// For StreamingExecutor; may come before begin().
  void command_ended(ExecOutcome outcome);
  /// `ended` is called once, later, last of all; it may destroy this.
  void begin(Fd socket, std::string_view early, std::function<void()> ended);

 private:
  /// What the command writes, on its way out.
  struct Output {
    ExecChannel channel;
    Fd fd;
    std::unique_ptr<Poll> poll = nullptr;
    std::size_t read_after_end = 0;
  };

  void watch(Output& output);
  void on_output(Output& output);
  void on_stdin_room();
  void read_output(Output& output);
  void on_socket(int error, int events);
  void read_client();
  void take(const websocket::Message& message);
  void take_channel(std::string_view message);
  void write_stdin();
  void close_stdin();
  void send(ExecChannel channel, std::string_view data);
  void flush();
  void go_on();
  void drain_outputs();
  void wait_for_more();
  void say_farewell();
  void end();

  Loop& loop_;
  StreamingExecutor& executor_;
  const bool tty_;
  std::uint64_t exec_ = 0;  ///< 0: not begun, or ended
  Output outputs_[2] = {{ExecChannel::Stdout, {}}, {ExecChannel::Stderr, {}}};
  Fd stdin_fd_;
  std::unique_ptr<Poll> stdin_poll_;
  std::string stdin_;  ///< for the command
  bool stdin_ends_ = false;
  Fd socket_;
  std::unique_ptr<Poll> socket_poll_;
  websocket::Reader reader_{websocket::Role::Client};
  std::string outgoing_;
  std::optional<ExecOutcome> outcome_;
  bool farewell_ = false;  ///< everything has been said; the client is to hang up
  bool over_ = false;
  Timer end_timer_;
  std::function<void()> ended_;
};

}  // namespace podvisor
