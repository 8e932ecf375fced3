#include "api/exec_session.h"

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <utility>

namespace podvisor {
namespace {

constexpr std::size_t kBlock = std::size_t{32} * 1024;
constexpr std::size_t kFull = 4 * kBlock;
/// Once the command has ended, of each stream: generously what a pipe may hold. Others that have
/// it may write on for ever.
constexpr std::size_t kReadAfterEnd = std::size_t{1} << 20U;
/// With a client that is to hang up.
constexpr Duration kEndPatience = std::chrono::seconds(2);

bool is_later(ssize_t done) { return done < 0 && (errno == EAGAIN || errno == EINTR); }

}  // namespace

ExecSession::ExecSession(Loop& loop, StreamingExecutor& executor, bool tty)
    : loop_(loop), executor_(executor), tty_(tty), end_timer_(loop, [this] {
        over_ = true;
        std::exchange(ended_, nullptr)();
      }) {}

ExecSession::~ExecSession() {
  if (exec_ != 0) executor_.cancel(exec_);
}

void ExecSession::set_streams(ExecStreams streams) {
  exec_ = streams.id;
  stdin_fd_ = std::move(streams.in);
  outputs_[0].fd = std::move(streams.out);
  outputs_[1].fd = std::move(streams.err);
}

void ExecSession::command_ended(ExecOutcome outcome) {
  exec_ = 0;
  if (!outcome.error && !outcome.output.empty())
    send(tty_ ? ExecChannel::Stdout : ExecChannel::Stderr, outcome.output + (tty_ ? "\r\n" : "\n"));
  outcome_ = std::move(outcome);
  for (Output& output : outputs_) output.read_after_end = kReadAfterEnd;
  if (socket_ && !over_) go_on();
}

void ExecSession::begin(Fd socket, std::string_view early, std::function<void()> ended) {
  socket_ = std::move(socket);
  ended_ = std::move(ended);
  socket_poll_ = std::make_unique<Poll>(
      loop_, socket_.get(), [this](int error, int events) { on_socket(error, events); });
  for (Output& output : outputs_) watch(output);
  if (stdin_fd_)
    stdin_poll_ =
        std::make_unique<Poll>(loop_, stdin_fd_.get(), [this](int, int) { on_stdin_room(); });
  reader_.feed(early);
  go_on();
}

void ExecSession::watch(Output& output) {
  if (!output.fd) return;
  output.poll = std::make_unique<Poll>(loop_, output.fd.get(),
                                       [this, &output](int, int) { on_output(output); });
}

/// This and the next may end the Poll whose callback they are.
void ExecSession::on_output(Output& output) {
  read_output(output);
  go_on();
}

void ExecSession::on_stdin_room() {
  write_stdin();
  go_on();
}

// ---- From the command -------------------------------------------------------------------------

void ExecSession::read_output(Output& output) {
  std::array<char, kBlock> block;
  const ssize_t size = ::read(output.fd.get(), block.data(), block.size());
  if (is_later(size) && !outcome_) return;
  if (size <= 0 || (outcome_ && output.read_after_end < static_cast<std::size_t>(size))) {
    output.poll.reset();
    return output.fd.reset();
  }
  if (outcome_) output.read_after_end -= static_cast<std::size_t>(size);
  send(output.channel, {block.data(), static_cast<std::size_t>(size)});
}

/// What it has written is there by now: no event tells of more.
void ExecSession::drain_outputs() {
  for (Output& output : outputs_)
    while (output.fd && outgoing_.size() < kFull) read_output(output);
}

void ExecSession::say_farewell() {
  farewell_ = true;
  close_stdin();
  send(ExecChannel::Error, json_text(exec_status(*outcome_)));
  outgoing_ += websocket::close_frame(websocket::kNormalClosure);
  end_timer_.start(kEndPatience);
}

// ---- From the client --------------------------------------------------------------------------

void ExecSession::on_socket(int error, int events) {
  if (error != 0) return end();
  if ((events & UV_READABLE) != 0) read_client();
  if ((events & UV_DISCONNECT) != 0) return end();
  go_on();
}

void ExecSession::read_client() {
  std::array<char, kBlock> block;
  const ssize_t size = ::recv(socket_.get(), block.data(), block.size(), 0);
  if (is_later(size)) return;
  if (size <= 0) return end();
  if (!farewell_) reader_.feed({block.data(), static_cast<std::size_t>(size)});
}

void ExecSession::take(const websocket::Message& message) {
  using websocket::Opcode;
  if (message.opcode == Opcode::Ping)
    outgoing_ += websocket::frame(Opcode::Pong, message.payload);
  else if (message.opcode == Opcode::Close)
    end();
  else if (message.opcode != Opcode::Pong && !message.payload.empty())
    take_channel(message.payload);
}

void ExecSession::take_channel(std::string_view message) {
  const auto channel = static_cast<ExecChannel>(message.front());
  const std::string_view data = message.substr(1);
  if (channel == ExecChannel::Stdin && stdin_fd_ && !stdin_ends_) {
    stdin_ += data;
    write_stdin();
  } else if (channel == ExecChannel::Close && data == channel_message(ExecChannel::Stdin, "")) {
    stdin_ends_ = true;
    write_stdin();
  } else if (channel == ExecChannel::Resize && tty_ && outputs_[0].fd) {
    const auto size = parse_resize(data);
    if (!size) return;
    const winsize window{size->rows, size->columns, 0, 0};
    ::ioctl(outputs_[0].fd.get(), TIOCSWINSZ, &window);  // and SIGWINCH for who is in there
  }
}

void ExecSession::write_stdin() {
  if (!stdin_fd_) return;
  if (!stdin_.empty()) {
    const ssize_t size = ::write(stdin_fd_.get(), stdin_.data(), stdin_.size());
    if (is_later(size)) return;
    if (size < 0) return close_stdin();  // nobody reads it any more
    stdin_.erase(0, static_cast<std::size_t>(size));
  }
  // Of a terminal only this end would be closed.
  if (stdin_.empty() && stdin_ends_ && !tty_) close_stdin();
}

void ExecSession::close_stdin() {
  stdin_.clear();
  stdin_poll_.reset();
  stdin_fd_.reset();
}

// ---- To the client ----------------------------------------------------------------------------

void ExecSession::send(ExecChannel channel, std::string_view data) {
  outgoing_ += websocket::frame(websocket::Opcode::Binary, channel_message(channel, data));
}

void ExecSession::flush() {
  while (!outgoing_.empty()) {
    const ssize_t size =
        ::send(socket_.get(), outgoing_.data(), outgoing_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (is_later(size)) return;
    if (size < 0) return end();
    outgoing_.erase(0, static_cast<std::size_t>(size));
  }
}

/// Everything that can be done now, then what is waited for.
void ExecSession::go_on() {
  while (!over_ && stdin_.empty() && !farewell_) {
    const auto message = reader_.next();
    if (!message) break;
    take(*message);
  }
  if (reader_.error() && !over_ && !farewell_) {
    outgoing_ += websocket::close_frame(*reader_.error());
    flush();
    return end();
  }
  if (outcome_ && !over_ && !farewell_) {
    drain_outputs();
    if (!outputs_[0].fd && !outputs_[1].fd) say_farewell();
  }
  if (!over_) flush();
  if (!over_ && farewell_ && outgoing_.empty()) ::shutdown(socket_.get(), SHUT_WR);
  if (!over_) wait_for_more();
}

void ExecSession::wait_for_more() {
  // While nothing is read, this alone tells that the client has left.
  int events = UV_DISCONNECT;
  if (stdin_.empty()) events |= UV_READABLE;
  if (!outgoing_.empty()) events |= UV_WRITABLE;
  socket_poll_->start(events);
  const bool room = outgoing_.size() < kFull;
  for (Output& output : outputs_)
    if (output.poll) room && !outcome_ ? output.poll->start(UV_READABLE) : output.poll->stop();
  if (stdin_poll_) stdin_.empty() ? stdin_poll_->stop() : stdin_poll_->start(UV_WRITABLE);
}

void ExecSession::end() {
  if (std::exchange(over_, true)) return;
  if (const auto exec = std::exchange(exec_, 0); exec != 0) executor_.cancel(exec);
  socket_poll_.reset();
  for (Output& output : outputs_) output.poll.reset();
  stdin_poll_.reset();
  socket_.reset();
  end_timer_.start(Duration{0});
}

}  // namespace podvisor
