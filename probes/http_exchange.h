// One HTTP attempt from its first connect to its answer: requests, redirects, one deadline.
// Reused for the next attempt, of any pod.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "loop/curl_multi.h"
#include "probes/deadline.h"
#include "probes/dial.h"
#include "probes/http_response.h"
#include "probes/http_url.h"
#include "probes/http_verdict.h"
#include "probes/plain_transfer.h"
#include "probes/probe_attempt.h"
#include "probes/tls_transfer.h"

namespace podvisor {

class ProbeExchange {
 public:
  using Done = std::function<void(ProbeAnswer)>;

  /// `multi` for TLS.
  ProbeExchange(const ProbeIo& io, CurlMulti& multi);

  /// The answer, or nothing while it is under way: then `done` is called later, once.
  [[nodiscard]] std::optional<ProbeAnswer> start(const AttemptSpec& spec,
                                                 const HttpGetAction& action, HttpUrl url,
                                                 Done done);
  /// Ends what is under way without an answer, and is ready for the next start().
  void reset();

 private:
  [[nodiscard]] std::optional<ProbeAnswer> dial();
  [[nodiscard]] std::optional<ProbeAnswer> on_dialed(DialOutcome outcome);
  void request(Fd socket);
  void on_transferred(const std::string& error);
  [[nodiscard]] std::optional<ProbeAnswer> on_response(const std::string& error);
  [[nodiscard]] ProbeAnswer judge(const std::string& body_error) const;
  [[nodiscard]] ProbeAnswer failure(const std::string& why) const;
  void on_deadline();
  void finish(ProbeAnswer answer);

  CurlMulti& multi_;
  Dial dial_;
  PlainTransfer plain_;
  std::unique_ptr<TlsTransfer> tls_;  ///< made when first needed: a libcurl handle is not small
  Deadline deadline_;

  PodUid pod_;
  StatusRange accepted_;
  std::vector<HttpHeader> headers_;
  std::string first_host_;
  HttpUrl url_;
  int requests_ = 0;
  bool transferring_ = false;
  std::string request_;
  ProbeResponse response_;
  Done done_;
};

}  // namespace podvisor
