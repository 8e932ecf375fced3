#include "probes/grpc_probe.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <utility>

#include "probes/dial.h"
#include "probes/grpc_call.h"
#include "probes/grpc_verdict.h"
#include "probes/probe_port.h"
#include "probes/socket_address.h"

namespace podvisor {
namespace {

/// Between two tries to connect; then twice as long, and so on.
constexpr Duration kFirstRetry = std::chrono::milliseconds(50);
constexpr Duration kSlowestRetry = std::chrono::seconds(1);

class GrpcAttempt final : public ProbeAttempt, private SocketPoll::Watcher {
 public:
  GrpcAttempt(const ProbeIo& io, const AttemptSpec& spec, const GrpcAction& action,
              AnswerSink& sink)
      : ProbeAttempt(spec.id, sink),
        io_(io),
        host_(io.sockets.address(spec.id.pod)),
        port_(action.port),
        service_(action.service),
        timeout_(spec.probe.timeout),
        dial_(io, Dial::Then::Send),
        retry_(io.loop, [this] { dial(); }),
        deadline_(io.loop, [this] { on_deadline(); }) {}
  ~GrpcAttempt() override { disconnect(); }

  void start() {
    until_ = io_.loop.now().monotonic + timeout_;
    deadline_.start(timeout_);
    dial();
  }

 private:
  void dial() {
    auto outcome = dial_.start(id().pod, host_, port_,
                               [this](DialOutcome dialed) { on_dialed(std::move(dialed)); });
    if (outcome) on_dialed(std::move(*outcome));
  }

  /// No socket of our own to be had: that too may be otherwise in a moment.
  void on_dialed(DialOutcome outcome) {
    if (!outcome.socket) return try_later(std::move(outcome.error));
    socket_ = std::move(outcome.socket);
    call_.emplace(join_host_port(host_, port_), service_);
    unsent_ = call_->take_output();
    send_and_watch();
  }

  void try_later(std::string error) {
    disconnect();
    last_error_ = std::move(error);
    retry_.start(retry_delay_);
    retry_delay_ = std::min(2 * retry_delay_, kSlowestRetry);
  }

  void disconnect() {
    if (socket_) io_.poll.forget(socket_.get());
    socket_.reset();
    call_.reset();
    unsent_.clear();
  }

  /// How it ends if it cannot be sent, reading tells.
  void send_and_watch() {
    unsent_ += call_->take_output();
    while (!unsent_.empty()) {
      const ssize_t sent = send(socket_.get(), unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EAGAIN) break;
      unsent_.erase(0, sent < 0 ? unsent_.size() : static_cast<std::size_t>(sent));
    }
    const std::uint32_t events = unsent_.empty() ? EPOLLIN : EPOLLIN | EPOLLOUT;
    // One that can't be watched ends at the deadline, like one that never answers.
    static_cast<void>(io_.poll.watch(socket_.get(), events, *this));
  }

  void on_socket(int, std::uint32_t) override {
    std::array<char, 4096> buffer;
    const ssize_t got = recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return send_and_watch();
    if (got <= 0) return on_broken(got == 0 ? "EOF" : "read: " + connect_error_text(errno));
    const bool was_connected = call_->connected();
    const Status fed = call_->feed({buffer.data(), static_cast<std::size_t>(got)});
    if (call_->outcome()) return conclude(*call_->outcome());
    if (!fed) return on_broken(fed.error().message);
    if (call_->connected() && !was_connected) call_->call(until_ - io_.loop.now().monotonic);
    send_and_watch();
  }

  /// Before there was a connection this is one more try that failed; then it is the call's end.
  void on_broken(const std::string& why) {
    if (!call_->connected()) return try_later("connection error: " + why);
    conclude({{grpc_code::kUnavailable, "error reading from server: " + why}, 0});
  }

  void conclude(const GrpcOutcome& outcome) {
    ProbeAnswer judged = judge_grpc(outcome.status, outcome.serving_status, timeout_);
    answer(std::move(judged));
  }

  void on_deadline() {
    if (call_ && call_->connected()) return answer(grpc_call_timeout(timeout_));
    answer(grpc_connect_timeout(join_host_port(host_, port_), timeout_, last_error_));
  }

  ProbeIo io_;
  const std::string host_;
  const std::uint16_t port_;
  const std::string service_;
  const Seconds timeout_;
  TimePoint until_;
  Dial dial_;
  Fd socket_;
  std::optional<GrpcCall> call_;  ///< as long as there is a socket
  std::string unsent_;
  std::string last_error_;
  Duration retry_delay_ = kFirstRetry;
  Timer retry_;
  Timer deadline_;
};

}  // namespace

StartedAttempt start_grpc_probe(const ProbeIo& io, const AttemptSpec& spec,
                                const GrpcAction& action, AnswerSink& sink) {
  auto attempt = std::make_unique<GrpcAttempt>(io, spec, action, sink);
  attempt->start();
  return attempt;
}

}  // namespace podvisor
