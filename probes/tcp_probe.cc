#include "probes/tcp_probe.h"

#include <optional>
#include <utility>

#include "probes/dial.h"
#include "probes/probe_port.h"

namespace podvisor {
namespace {

ProbeAnswer to_answer(const DialOutcome& outcome) {
  if (outcome.socket) return {Verdict::Success, {}};
  return {outcome.internal ? Verdict::Error : Verdict::Failure, outcome.error};
}

class TcpAttempt final : public ProbeAttempt {
 public:
  TcpAttempt(const ProbeIo& io, const AttemptId& id, AnswerSink& sink)
      : ProbeAttempt(id, sink), loop_(io.loop), dial_(io, Dial::Then::Close) {}

  std::optional<ProbeAnswer> start(const std::string& host, std::uint16_t port, Duration timeout) {
    const auto outcome = dial_.start(
        id().pod, host, port, [this](const DialOutcome& dialed) { answer(to_answer(dialed)); });
    if (outcome) return to_answer(*outcome);
    deadline_.emplace(loop_, [this] { answer({Verdict::Failure, dial_.timeout_text()}); });
    deadline_->start(timeout);
    return std::nullopt;
  }

 private:
  Loop& loop_;
  Dial dial_;
  std::optional<Timer> deadline_;
};

}  // namespace

StartedAttempt start_tcp_probe(const ProbeIo& io, const AttemptSpec& spec,
                               const TcpSocketAction& action, AnswerSink& sink) {
  const auto port = resolve_port(action.port, spec.container);
  if (!port) return ProbeAnswer{Verdict::Error, port.error().message};
  auto attempt = std::make_unique<TcpAttempt>(io, spec.id, sink);
  const std::string host =
      action.host.empty() ? io.sockets.address(spec.pod.metadata.uid) : action.host;
  if (auto answer = attempt->start(host, *port, spec.probe.timeout)) return std::move(*answer);
  return attempt;
}

}  // namespace podvisor
