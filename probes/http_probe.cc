#include "probes/http_probe.h"

#include <utility>

#include "probes/http_round_trip.h"
#include "probes/http_verdict.h"
#include "probes/probe_port.h"

namespace podvisor {
namespace {

/// As many idle exchanges are kept; some ten KiB each.
constexpr std::size_t kMaxIdle = 64;

/// A bad status says more than how its body ended (HTTP-14).
ProbeAnswer to_answer(HttpOutcome outcome, const ProbeResponse& response, StatusRange accepted) {
  if (outcome.kind == HttpOutcome::Kind::Internal) {
    return {Verdict::Error, std::move(outcome.error)};
  }
  if (outcome.kind == HttpOutcome::Kind::Failed) {
    return {Verdict::Failure, std::move(outcome.error)};
  }
  ProbeAnswer answer = judge_http(response.status, accepted, response.body);
  const bool passed = answer.verdict != Verdict::Failure;
  if (passed && !outcome.error.empty()) return {Verdict::Failure, std::move(outcome.error)};
  return answer;
}

class HttpAttempt final : public ProbeAttempt {
 public:
  HttpAttempt(HttpProbes& probes, const AttemptId& id, AnswerSink& sink)
      : ProbeAttempt(id, sink), probes_(probes), exchange_(probes.borrow()) {}
  ~HttpAttempt() override {
    exchange_->reset();
    probes_.give_back(std::move(exchange_));
  }

  std::optional<ProbeAnswer> start(const AttemptSpec& spec, HttpCall call) {
    accepted_ = accepted_statuses(spec.id.attempt.kind, spec.pod.spec.policy);
    auto outcome = exchange_->start(std::move(call), [this](HttpOutcome ended) {
      answer(to_answer(std::move(ended), exchange_->response(), accepted_));
    });
    if (!outcome) return std::nullopt;
    return to_answer(std::move(*outcome), exchange_->response(), accepted_);
  }

 private:
  HttpProbes& probes_;
  std::unique_ptr<HttpRoundTrip> exchange_;
  StatusRange accepted_;
};

}  // namespace

HttpProbes::HttpProbes(const ProbeIo& io) : io_(io), multi_(io.loop, io.poll) {}

HttpProbes::~HttpProbes() = default;

std::unique_ptr<HttpRoundTrip> HttpProbes::borrow() {
  if (idle_.empty()) return std::make_unique<HttpRoundTrip>(io_, multi_);
  auto exchange = std::move(idle_.back());
  idle_.pop_back();
  return exchange;
}

void HttpProbes::give_back(std::unique_ptr<HttpRoundTrip> exchange) {
  if (idle_.size() < kMaxIdle) idle_.push_back(std::move(exchange));
}

StartedAttempt HttpProbes::start(const AttemptSpec& spec, const HttpGetAction& action,
                                 AnswerSink& sink) {
  const auto port = resolve_port(action.port, spec.container);
  if (!port) return ProbeAnswer{Verdict::Error, port.error().message};
  const std::string host = action.host.empty() ? io_.sockets.address(spec.id.pod) : action.host;
  auto attempt = std::make_unique<HttpAttempt>(*this, spec.id, sink);
  auto answer = attempt->start(spec, {.pod = spec.id.pod,
                                      .url = probe_url(action.scheme, host, *port, action.path),
                                      .headers = action.http_headers,
                                      .timeout = spec.probe.timeout});
  if (answer) return std::move(*answer);
  return attempt;
}

}  // namespace podvisor
