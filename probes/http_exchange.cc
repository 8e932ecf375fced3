#include "probes/http_exchange.h"

#include <utility>

#include "probes/http_request.h"
#include "probes/probe_text.h"

namespace podvisor {

ProbeExchange::ProbeExchange(const ProbeIo& io, CurlMulti& multi)
    : multi_(multi),
      dial_(io, Dial::Then::Send),
      plain_(io.poll),
      deadline_(io.loop, [this] { on_deadline(); }) {}

std::optional<ProbeAnswer> ProbeExchange::start(const AttemptSpec& spec,
                                                const HttpGetAction& action, HttpUrl url,
                                                Done done) {
  pod_ = spec.id.pod;
  accepted_ = accepted_statuses(spec.id.attempt.kind, spec.pod.spec.policy);
  headers_ = action.http_headers;
  url_ = std::move(url);
  first_host_ = url_.host;
  requests_ = 0;
  done_ = std::move(done);
  if (const HttpHeader* header = invalid_header(headers_)) {
    return failure("invalid header field value for " + quote(header->name));
  }
  write_request(request_, url_, headers_, true);
  auto answer = dial();
  if (!answer) deadline_.start(spec.probe.timeout);
  return answer;
}

std::optional<ProbeAnswer> ProbeExchange::dial() {
  ++requests_;
  auto outcome = dial_.start(pod_, url_.host, url_.port, [this](DialOutcome dialed) {
    if (auto answer = on_dialed(std::move(dialed))) finish(std::move(*answer));
  });
  return outcome ? on_dialed(std::move(*outcome)) : std::nullopt;
}

std::optional<ProbeAnswer> ProbeExchange::on_dialed(DialOutcome outcome) {
  if (outcome.internal) return ProbeAnswer{Verdict::Error, std::move(outcome.error)};
  if (!outcome.socket) return failure(outcome.error);
  request(std::move(outcome.socket));
  return std::nullopt;
}

void ProbeExchange::request(Fd socket) {
  transferring_ = true;
  const auto done = [this](const std::string& error) { on_transferred(error); };
  if (url_.scheme == "http") {
    plain_.start(std::move(socket), request_, response_, done);
    return;
  }
  if (!tls_) tls_ = std::make_unique<TlsTransfer>(multi_);
  tls_->start(std::move(socket), url_, request_, response_, done);
}

void ProbeExchange::on_transferred(const std::string& error) {
  transferring_ = false;
  if (auto answer = on_response(error)) finish(std::move(*answer));
}

std::optional<ProbeAnswer> ProbeExchange::on_response(const std::string& error) {
  if (!response_.head_complete) return failure(error);
  Redirect redirect =
      next_redirect(first_host_, url_, response_.status, response_.location, requests_);
  if (redirect.kind == Redirect::Kind::Failed) return failure(redirect.error);
  if (redirect.kind == Redirect::Kind::Final) return judge(error);
  url_ = std::move(redirect.url);
  write_request(request_, url_, headers_, redirect.keeps_host);
  return dial();
}

/// A bad status says more than how its body ended (HTTP-14).
ProbeAnswer ProbeExchange::judge(const std::string& body_error) const {
  ProbeAnswer answer = judge_http(response_.status, accepted_, response_.body);
  const bool passed = answer.verdict != Verdict::Failure;
  return passed && !body_error.empty() ? failure(body_error) : answer;
}

ProbeAnswer ProbeExchange::failure(const std::string& why) const {
  return {Verdict::Failure, "Get " + quote(to_string(url_)) + ": " + why};
}

void ProbeExchange::on_deadline() {
  const std::string expired = "context deadline exceeded (Client.Timeout ";
  if (!transferring_) {
    finish(failure(dial_.timeout_text()));
  } else if (!response_.head_complete) {
    finish(failure(expired + "exceeded while awaiting headers)"));
  } else {
    finish(judge(expired + "or context cancellation while reading body)"));
  }
}

void ProbeExchange::finish(ProbeAnswer answer) {
  const Done done = std::exchange(done_, nullptr);
  reset();
  done(std::move(answer));  // may destroy this
}

void ProbeExchange::reset() {
  deadline_.stop();
  dial_.cancel();
  plain_.cancel();
  if (tls_) tls_->cancel();
  transferring_ = false;
}

}  // namespace podvisor
