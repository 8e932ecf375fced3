#include "probes/tls_transfer.h"

#include <strings.h>

#include <algorithm>
#include <new>
#include <utility>

#include "probes/socket_address.h"

namespace podvisor {
namespace {

/// One read of an ordinary answer. libcurl's default is four times as much for each handle.
constexpr long kReceiveBuffer = 4096;

/// libcurl connects to nothing itself: it gets a socket on which its connect() finds the handshake
/// done, whatever address it asks for. So it has nothing to look up either.
constexpr char kAnyAddress[] = "127.0.0.1";
curl_slist* connect_to_any_address() {
  static char entry[] = "::127.0.0.1:";
  static curl_slist list{entry, nullptr};
  return &list;
}

constexpr char kNoTls[] = "wrong version number";

constexpr std::string_view kLocation = "location:";

bool is_location(std::string_view line) {
  return line.size() > kLocation.size() &&
         strncasecmp(line.data(), kLocation.data(), kLocation.size()) == 0;
}

std::string header_value(std::string_view line) {
  line.remove_prefix(line.find(':') + 1);
  const auto begin = line.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return std::string(line.substr(begin, line.find_last_not_of(" \t\r\n") - begin + 1));
}

/// libcurl takes "Name:" for "leave out your own Name", and "Name;" for an empty one.
std::string to_curl_line(std::string_view line) {
  std::string text(line);
  if (text.ends_with(':')) text.back() = ';';
  return text;
}

}  // namespace

TlsTransfer::TlsTransfer(CurlMulti& multi) : multi_(multi), easy_(curl().easy_init()) {
  if (!easy_) throw std::bad_alloc();
  set_constant_options();
}

void TlsTransfer::set_constant_options() {
  CURL* const easy = easy_.get();
  curl().easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl().easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https");
  curl().easy_setopt(easy, CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1});
  curl().easy_setopt(easy, CURLOPT_PROXY, "");  // PRB-28: also keeps libcurl off the environment
  curl().easy_setopt(easy, CURLOPT_NOPROXY, "*");
  curl().easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
  curl().easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
  curl().easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
  curl().easy_setopt(easy, CURLOPT_CONNECT_TO, connect_to_any_address());
  curl().easy_setopt(easy, CURLOPT_BUFFERSIZE, kReceiveBuffer);
  curl().easy_setopt(easy, CURLOPT_ERRORBUFFER, error_.data());
  curl().easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &TlsTransfer::on_open_socket);
  curl().easy_setopt(easy, CURLOPT_OPENSOCKETDATA, this);
  curl().easy_setopt(easy, CURLOPT_HEADERFUNCTION, &TlsTransfer::on_header);
  curl().easy_setopt(easy, CURLOPT_HEADERDATA, this);
  curl().easy_setopt(easy, CURLOPT_WRITEFUNCTION, &TlsTransfer::on_body);
  curl().easy_setopt(easy, CURLOPT_WRITEDATA, this);
  curl().easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);  // HTTP-12
  curl().easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
  curl().easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
  // Reading the system's certificates takes longer than the whole probe, and none is looked at.
  curl().easy_setopt(easy, CURLOPT_CAINFO, nullptr);
  curl().easy_setopt(easy, CURLOPT_CAPATH, nullptr);
}

void TlsTransfer::start(Fd socket, const HttpUrl& url, std::string_view request,
                        ProbeResponse& response, Done done) {
  socket_ = std::move(socket);
  response_ = &response;
  response.clear();
  done_ = std::move(done);
  enough_ = false;
  spoke_no_tls_ = false;
  error_[0] = '\0';
  set_server(url.host);
  curl().easy_setopt(easy_.get(), CURLOPT_REQUEST_TARGET, url.target.c_str());
  set_headers(request);
  // One that could not be started ends at its owner's deadline, like one that never answers.
  active_ = multi_.add(easy_.get(), *this).has_value();
}

/// The URL is for the server name in the handshake alone: none for an address (HTTP-12).
void TlsTransfer::set_server(const std::string& host) {
  std::string url = std::string("https://") + (numeric_address(host, 0) ? kAnyAddress : host) + "/";
  if (url == url_) return;
  url_ = std::move(url);
  curl().easy_setopt(easy_.get(), CURLOPT_URL, url_.c_str());
}

void TlsTransfer::set_headers(std::string_view request) {
  header_lines_ = {"User-Agent:", "Accept:"};  // unless the request has them
  request.remove_prefix(request.find("\r\n") + 2);
  for (auto end = request.find("\r\n"); end != 0; end = request.find("\r\n")) {
    header_lines_.push_back(to_curl_line(request.substr(0, end)));
    request.remove_prefix(end + 2);
  }
  for (const std::string_view own : {"User-Agent:", "Accept:"}) {
    const auto given = [own](const std::string& line) {
      return line.size() > own.size() && line.starts_with(own);
    };
    if (std::any_of(header_lines_.begin(), header_lines_.end(), given)) {
      std::erase(header_lines_, own);
    }
  }
  header_list_.resize(header_lines_.size());
  for (std::size_t i = 0; i < header_list_.size(); ++i) {
    const bool last = i + 1 == header_list_.size();
    header_list_[i] = {header_lines_[i].data(), last ? nullptr : &header_list_[i + 1]};
  }
  curl().easy_setopt(easy_.get(), CURLOPT_HTTPHEADER, header_list_.data());
}

curl_socket_t TlsTransfer::on_open_socket(void* self, curlsocktype, curl_sockaddr*) {
  return static_cast<TlsTransfer*>(self)->socket_.release();
}

std::size_t TlsTransfer::on_header(char* line, std::size_t, std::size_t size, void* self) {
  auto& transfer = *static_cast<TlsTransfer*>(self);
  ProbeResponse& response = *transfer.response_;
  const std::string_view text(line, size);
  if (text.starts_with("HTTP/")) {  // a new head: the one before was an interim response (HTTP-16)
    response.clear();
  } else if (text == "\r\n" || text == "\n") {
    long status = 0;
    curl().easy_getinfo(transfer.easy_.get(), CURLINFO_RESPONSE_CODE, &status);
    response.status = static_cast<int>(status);
    response.head_complete = true;
  } else if (!response.head_complete && response.location.empty() && is_location(text)) {
    response.location = header_value(text);
  }
  return size;
}

std::size_t TlsTransfer::on_body(char* bytes, std::size_t, std::size_t size, void* self) {
  auto& transfer = *static_cast<TlsTransfer*>(self);
  transfer.enough_ = !transfer.response_->add_body({bytes, size});
  return transfer.enough_ ? size + 1 : size;  // not `size` ends the transfer
}

void TlsTransfer::on_done(CURLcode code) {
  active_ = false;
  std::string error;
  if (code != CURLE_OK && !enough_) {
    error = error_[0] != '\0' ? error_.data() : curl().easy_strerror(code);
    // OpenSSL's words for a record that begins like none.
    spoke_no_tls_ = code == CURLE_SSL_CONNECT_ERROR && error.find(kNoTls) != std::string::npos;
  } else if (!response_->head_complete) {
    error = "unexpected EOF";
  }
  cancel();
  const Done done = std::exchange(done_, nullptr);
  done(std::move(error));  // may destroy this
}

void TlsTransfer::cancel() {
  if (std::exchange(active_, false)) multi_.remove(easy_.get());
  socket_.reset();
}

}  // namespace podvisor
