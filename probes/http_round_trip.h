// One HTTP attempt from its first connect to its final response: requests, redirects, one deadline.
// Reused for the next attempt, of any pod.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loop/curl_multi.h"
#include "loop/deadline.h"
#include "probes/dial.h"
#include "probes/http_request.h"
#include "probes/http_response.h"
#include "probes/http_url.h"
#include "probes/plain_transfer.h"
#include "probes/probe_attempt.h"
#include "probes/tls_transfer.h"

namespace podvisor {

struct HttpCall {
  PodUid pod;
  HttpUrl url;
  std::vector<HttpHeader> headers;
  std::string_view user_agent = kProbeUserAgent;  ///< of static storage
  std::optional<Duration> timeout;                ///< unset: as long as it takes
};

struct HttpOutcome {
  enum class Kind : std::uint8_t {
    Answered,  ///< response() is the final one; an error then says how its body broke off
    Failed,    ///< there is no final response, and `error` says why
    Internal,  ///< there could be no socket, which says nothing about who was to be asked
  };
  Kind kind = Kind::Failed;
  std::string error;
  /// Failed: the peer answered a TLS handshake with something else, such as plain HTTP.
  bool spoke_no_tls = false;
};

class HttpRoundTrip {
 public:
  using Done = std::function<void(HttpOutcome)>;

  /// `multi` for TLS.
  HttpRoundTrip(const ProbeIo& io, CurlMulti& multi);

  /// The outcome, or nothing while it is under way: then `done` is called later, once.
  [[nodiscard]] std::optional<HttpOutcome> start(HttpCall call, Done done);
  /// Ends what is under way without an outcome, and is ready for the next start().
  void reset();

  /// Good until the next start().
  [[nodiscard]] const ProbeResponse& response() const { return response_; }

 private:
  [[nodiscard]] std::optional<HttpOutcome> dial();
  [[nodiscard]] std::optional<HttpOutcome> on_dialed(DialOutcome outcome);
  [[nodiscard]] std::optional<HttpOutcome> request(Fd socket);
  void on_transferred(const std::string& error, bool spoke_no_tls);
  [[nodiscard]] std::optional<HttpOutcome> on_response(const std::string& error);
  [[nodiscard]] HttpOutcome failed(const std::string& why) const;
  [[nodiscard]] HttpOutcome answered(const std::string& body_error) const;
  void on_deadline();
  void finish(HttpOutcome outcome);

  CurlMulti& multi_;
  Dial dial_;
  PlainTransfer plain_;
  std::unique_ptr<TlsTransfer> tls_;  ///< made when first needed: a libcurl handle is not small
  Deadline deadline_;

  HttpCall call_;
  std::string first_host_;
  int requests_ = 0;
  bool transferring_ = false;
  std::string request_;
  ProbeResponse response_;
  Done done_;
};

}  // namespace podvisor
