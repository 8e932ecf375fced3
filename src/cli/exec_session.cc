#include "cli/exec_session.h"

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <memory>
#include <utility>

#include "cli/fields.h"
#include "cli/raw_terminal.h"
#include "cli/text.h"

namespace podvisor::cli {
namespace {

constexpr std::size_t kBlock = std::size_t{32} * 1024;

/// Signals as something to be read, while it lives.
class Signals {
 public:
  Signals() {
    sigset_t wanted;
    sigemptyset(&wanted);
    for (const int signal : {SIGWINCH, SIGINT, SIGTERM, SIGHUP, SIGQUIT})
      sigaddset(&wanted, signal);
    ::pthread_sigmask(SIG_BLOCK, &wanted, &before_);
    fd_.reset(::signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK));
  }
  ~Signals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  [[nodiscard]] int fd() const { return fd_.get(); }
  /// 0: none.
  [[nodiscard]] int next() const {
    signalfd_siginfo info{};
    return ::read(fd_.get(), &info, sizeof info) == sizeof info ? static_cast<int>(info.ssi_signo)
                                                                : 0;
  }

 private:
  sigset_t before_{};
  Fd fd_;
};

bool write_all(int fd, std::string_view data) {
  while (!data.empty()) {
    const ssize_t size = ::write(fd, data.data(), data.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return false;
    data.remove_prefix(static_cast<std::size_t>(size));
  }
  return true;
}

class Session {
 public:
  Session(ExecConnection& connection, ExecTerminals terminals)
      : connection_(connection), terminals_(terminals), reads_stdin_(terminals.stdin) {
    if (terminals.tty) raw_ = std::make_unique<RawTerminal>(STDIN_FILENO);
  }

  Result<int> run() {
    bool connected = true;
    for (;;) {
      while (auto got = connection_.next()) {
        if (got->channel == ExecChannel::Error) return exit_code_in(got->data);
        if (!show(*got)) return errno_error("cannot write the command's output", errno);
      }
      if (!connected) return make_error("lost podvisor: it closed the connection");
      connected = connection_.flush() && wait();
      if (ended_by_ != 0) return 128 + ended_by_;
    }
  }

 private:
  static bool show(const ChannelData& got) {
    if (got.channel == ExecChannel::Stdout) return write_all(STDOUT_FILENO, got.data);
    if (got.channel == ExecChannel::Stderr) return write_all(STDERR_FILENO, got.data);
    return true;
  }

  /// False: the connection has ended.
  bool wait() {
    const bool may_read = reads_stdin_ && !connection_.has_unsent();
    const auto events = static_cast<short>(POLLIN | (connection_.has_unsent() ? POLLOUT : 0));
    std::array<pollfd, 3> watched{{{connection_.fd(), events, 0},
                                   {signals_.fd(), POLLIN, 0},
                                   {may_read ? STDIN_FILENO : -1, POLLIN, 0}}};
    if (::poll(watched.data(), watched.size(), -1) < 0) return errno == EINTR;
    if (watched[1].revents != 0) take_signals();
    if (watched[2].revents != 0) read_stdin();
    return watched[0].revents == 0 || (watched[0].revents & ~POLLOUT) == 0 || connection_.receive();
  }

  void take_signals() {
    while (const int signal = signals_.next()) {
      if (signal != SIGWINCH) {
        ended_by_ = signal;
      } else if (terminals_.tty) {
        const TerminalSize size = terminal_size(STDIN_FILENO);
        const Json now{{"Width", size.columns}, {"Height", size.rows}};
        connection_.send(ExecChannel::Resize, now.dump());
      }
    }
  }

  void read_stdin() {
    std::array<char, kBlock> block;
    const ssize_t size = ::read(STDIN_FILENO, block.data(), block.size());
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (size > 0) {
      connection_.send(ExecChannel::Stdin, {block.data(), static_cast<std::size_t>(size)});
      return;
    }
    reads_stdin_ = false;
    connection_.send(ExecChannel::Close, std::string(1, static_cast<char>(ExecChannel::Stdin)));
  }

  ExecConnection& connection_;
  ExecTerminals terminals_;
  bool reads_stdin_;
  int ended_by_ = 0;
  Signals signals_;
  std::unique_ptr<RawTerminal> raw_;
};

}  // namespace

Result<int> follow_command(ExecConnection& connection, ExecTerminals terminals) {
  return Session(connection, terminals).run();
}

Result<int> exit_code_in(const std::string& status) {
  const Json json = Json::parse(status, nullptr, false);
  if (raw_text(json, "status") == "Success") return 0;
  const Json& cause = find_named(json, "details.causes", "ExitCode", "reason");
  const std::string text = raw_text(cause, "message");
  int code = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), code);
  if (error == std::errc() && end == text.data() + text.size() && code != 0) return code;
  const std::string message = raw_text(json, "message");
  return make_error(message.empty() ? "podvisor does not say how the command ended"
                                    : printable(message));
}

}  // namespace podvisor::cli
