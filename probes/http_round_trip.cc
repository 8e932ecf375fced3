#include "probes/http_round_trip.h"

#include <utility>

#include "probes/probe_text.h"

namespace podvisor {

HttpRoundTrip::HttpRoundTrip(const ProbeIo& io, CurlMulti& multi)
    : multi_(multi),
      dial_(io, Dial::Then::Send),
      plain_(io.poll),
      deadline_(io.loop, [this] { on_deadline(); }) {}

std::optional<HttpOutcome> HttpRoundTrip::start(HttpCall call, Done done) {
  call_ = std::move(call);
  first_host_ = call_.url.host;
  requests_ = 0;
  response_.clear();
  done_ = std::move(done);
  if (const HttpHeader* header = invalid_header(call_.headers)) {
    return failed("invalid header field value for " + quote(header->name));
  }
  write_request(request_, call_.url, call_.headers, true, call_.user_agent);
  auto outcome = dial();
  if (!outcome && call_.timeout) deadline_.start(*call_.timeout);
  return outcome;
}

std::optional<HttpOutcome> HttpRoundTrip::dial() {
  ++requests_;
  auto outcome = dial_.start(call_.pod, call_.url.host, call_.url.port, [this](DialOutcome dialed) {
    if (auto ended = on_dialed(std::move(dialed))) finish(std::move(*ended));
  });
  return outcome ? on_dialed(std::move(*outcome)) : std::nullopt;
}

std::optional<HttpOutcome> HttpRoundTrip::on_dialed(DialOutcome outcome) {
  if (outcome.internal) {
    return HttpOutcome{HttpOutcome::Kind::Internal, std::move(outcome.error), false};
  }
  if (!outcome.socket) return failed(outcome.error);
  return request(std::move(outcome.socket));
}

std::optional<HttpOutcome> HttpRoundTrip::request(Fd socket) {
  if (call_.url.scheme == "http") {
    transferring_ = true;
    plain_.start(std::move(socket), request_, response_,
                 [this](const std::string& error) { on_transferred(error, false); });
    return std::nullopt;
  }
  if (!libcurl()) return failed(libcurl().error().message);
  transferring_ = true;
  if (!tls_) tls_ = std::make_unique<TlsTransfer>(multi_);
  tls_->start(std::move(socket), call_.url, request_, response_,
              [this](const std::string& error) { on_transferred(error, tls_->spoke_no_tls()); });
  return std::nullopt;
}

void HttpRoundTrip::on_transferred(const std::string& error, bool spoke_no_tls) {
  transferring_ = false;
  auto outcome = on_response(error);
  if (!outcome) return;
  outcome->spoke_no_tls = spoke_no_tls;
  finish(std::move(*outcome));
}

std::optional<HttpOutcome> HttpRoundTrip::on_response(const std::string& error) {
  if (!response_.head_complete) return failed(error);
  Redirect redirect =
      next_redirect(first_host_, call_.url, response_.status, response_.location, requests_);
  if (redirect.kind == Redirect::Kind::Failed) return failed(redirect.error);
  if (redirect.kind == Redirect::Kind::Final) return answered(error);
  call_.url = std::move(redirect.url);
  write_request(request_, call_.url, call_.headers, redirect.keeps_host, call_.user_agent);
  return dial();
}

HttpOutcome HttpRoundTrip::failed(const std::string& why) const {
  return {HttpOutcome::Kind::Failed, "Get " + quote(to_string(call_.url)) + ": " + why, false};
}

HttpOutcome HttpRoundTrip::answered(const std::string& body_error) const {
  HttpOutcome outcome{HttpOutcome::Kind::Answered, {}, false};
  if (!body_error.empty()) outcome.error = failed(body_error).error;
  return outcome;
}

void HttpRoundTrip::on_deadline() {
  const std::string expired = "context deadline exceeded (Client.Timeout ";
  if (!transferring_) {
    finish(failed(dial_.timeout_text()));
  } else if (!response_.head_complete) {
    finish(failed(expired + "exceeded while awaiting headers)"));
  } else {
    finish(answered(expired + "or context cancellation while reading body)"));
  }
}

void HttpRoundTrip::finish(HttpOutcome outcome) {
  const Done done = std::exchange(done_, nullptr);
  reset();
  done(std::move(outcome));  // may destroy this
}

void HttpRoundTrip::reset() {
  deadline_.stop();
  dial_.cancel();
  plain_.cancel();
  if (tls_) tls_->cancel();
  transferring_ = false;
}

}  // namespace podvisor
