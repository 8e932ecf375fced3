#include "probes/http_probe.h"

#include <utility>

#include "probes/http_exchange.h"
#include "probes/probe_port.h"

namespace podvisor {
namespace {

/// As many idle exchanges are kept; some ten KiB each.
constexpr std::size_t kMaxIdle = 64;

class HttpAttempt final : public ProbeAttempt {
 public:
  HttpAttempt(HttpProbes& probes, const AttemptId& id, AnswerSink& sink)
      : ProbeAttempt(id, sink), probes_(probes), exchange_(probes.borrow()) {}
  ~HttpAttempt() override {
    exchange_->reset();
    probes_.give_back(std::move(exchange_));
  }

  std::optional<ProbeAnswer> start(const AttemptSpec& spec, const HttpGetAction& action,
                                   HttpUrl url) {
    return exchange_->start(spec, action, std::move(url),
                            [this](ProbeAnswer given) { answer(std::move(given)); });
  }

 private:
  HttpProbes& probes_;
  std::unique_ptr<ProbeExchange> exchange_;
};

}  // namespace

HttpProbes::HttpProbes(const ProbeIo& io) : io_(io), multi_(io.loop, io.poll) {}

HttpProbes::~HttpProbes() = default;

std::unique_ptr<ProbeExchange> HttpProbes::borrow() {
  if (idle_.empty()) return std::make_unique<ProbeExchange>(io_, multi_);
  auto exchange = std::move(idle_.back());
  idle_.pop_back();
  return exchange;
}

void HttpProbes::give_back(std::unique_ptr<ProbeExchange> exchange) {
  if (idle_.size() < kMaxIdle) idle_.push_back(std::move(exchange));
}

StartedAttempt HttpProbes::start(const AttemptSpec& spec, const HttpGetAction& action,
                                 AnswerSink& sink) {
  const auto port = resolve_port(action.port, spec.container);
  if (!port) return ProbeAnswer{Verdict::Error, port.error().message};
  const std::string host = action.host.empty() ? io_.sockets.address(spec.id.pod) : action.host;
  auto attempt = std::make_unique<HttpAttempt>(*this, spec.id, sink);
  auto answer = attempt->start(spec, action, probe_url(action.scheme, host, *port, action.path));
  if (answer) return std::move(*answer);
  return attempt;
}

}  // namespace podvisor
