// One request and its response over TLS: libcurl, on the event loop, with a reused easy handle.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "loop/curl_multi.h"
#include "loop/libcurl.h"
#include "podvisor/fd.h"
#include "probes/http_response.h"
#include "probes/http_url.h"

namespace podvisor {

class TlsTransfer final : private CurlMulti::Transfer {
 public:
  /// As PlainTransfer's.
  using Done = std::function<void(std::string error)>;

  /// libcurl() has succeeded. Throws when out of memory.
  explicit TlsTransfer(CurlMulti& multi);
  ~TlsTransfer() { cancel(); }
  TlsTransfer(const TlsTransfer&) = delete;
  TlsTransfer& operator=(const TlsTransfer&) = delete;

  /// As PlainTransfer's; `request` is what write_request() made for `url`.
  void start(Fd socket, const HttpUrl& url, std::string_view request, ProbeResponse& response,
             Done done);
  void cancel();  ///< none under way: does nothing
  /// The last one failed because the peer's first bytes were no TLS.
  [[nodiscard]] bool spoke_no_tls() const { return spoke_no_tls_; }

 private:
  struct CloseEasy {
    void operator()(CURL* easy) const { curl().easy_cleanup(easy); }
  };

  static std::size_t on_header(char* line, std::size_t, std::size_t size, void* self);
  static std::size_t on_body(char* bytes, std::size_t, std::size_t size, void* self);
  static curl_socket_t on_open_socket(void* self, curlsocktype, curl_sockaddr*);

  void set_constant_options();
  void set_server(const std::string& host);
  void set_headers(std::string_view request);
  void on_done(CURLcode code) override;

  CurlMulti& multi_;
  std::unique_ptr<CURL, CloseEasy> easy_;
  std::array<char, CURL_ERROR_SIZE> error_{};
  std::string url_;  ///< what CURLOPT_URL was last set to
  std::vector<std::string> header_lines_;
  std::vector<curl_slist> header_list_;
  Fd socket_;  ///< until libcurl asks for it
  ProbeResponse* response_ = nullptr;
  bool enough_ = false;
  bool active_ = false;
  bool spoke_no_tls_ = false;
  Done done_;
};

}  // namespace podvisor
