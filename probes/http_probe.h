// httpGet (kubernetes-semantics HTTP, DIF-1).
#pragma once

#include <memory>
#include <vector>

#include "loop/curl_multi.h"
#include "probes/probe_attempt.h"

namespace podvisor {

class HttpRoundTrip;

/// Starts the HTTP attempts, and keeps what they are made with (an easy handle and its buffers)
/// from one attempt to the next, so that an attempt allocates little. What is kept belongs to no
/// pod: as many are kept as were in flight at once, up to a bound.
class HttpProbes {
 public:
  explicit HttpProbes(const ProbeIo& io);
  ~HttpProbes();

  [[nodiscard]] StartedAttempt start(const AttemptSpec& spec, const HttpGetAction& action,
                                     AnswerSink& sink);

  /// For HttpAttempt.
  [[nodiscard]] std::unique_ptr<HttpRoundTrip> borrow();
  void give_back(std::unique_ptr<HttpRoundTrip> exchange);

 private:
  ProbeIo io_;
  CurlMulti multi_;
  std::vector<std::unique_ptr<HttpRoundTrip>> idle_;
};

}  // namespace podvisor
