#include "cli/api_client.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "cli/text.h"

namespace podvisor::cli {

struct ApiClient::Transfer {
  CURL* handle = nullptr;
  const OnData* on_data = nullptr;
  const std::string* sent = nullptr;  ///< body of the request; null: none
  const char* sent_type = "";
  std::string body;
  bool stopped = false;   ///< on_data had enough
  bool too_long = false;  ///< the body was cut at kMaxBody
  int connect_errno = 0;

  [[nodiscard]] long status() const {
    long code = 0;
    curl().easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &code);
    return code;
  }

  bool take(std::string_view data) {
    if (on_data != nullptr && status() < 300) {
      stopped = !(*on_data)(data);
      return !stopped;
    }
    too_long = body.size() + data.size() > kMaxBody;
    if (!too_long) body += data;
    return !too_long;
  }
};

namespace {

template <typename Transfer>
std::size_t write_body(char* data, std::size_t, std::size_t size, void* transfer) noexcept {
  return static_cast<Transfer*>(transfer)->take({data, size}) ? size : 0;
}

/// Called about once a second while nothing comes.
template <typename Transfer>
int go_on(void* transfer, curl_off_t, curl_off_t, curl_off_t, curl_off_t) noexcept {
  auto& under_way = *static_cast<Transfer*>(transfer);
  if (under_way.on_data == nullptr) return 0;
  under_way.stopped = under_way.stopped || !(*under_way.on_data)({});
  return under_way.stopped ? 1 : 0;
}

std::string advice(int error_number) {
  if (error_number == EACCES || error_number == EPERM)
    return "only its owner may use the socket: try as root, or pass --socket";
  return "is \"podvisor serve\" running, or pass --socket";
}

/// The answer's; empty where it has none.
std::string header_of(CURL* handle, const char* name) {
  curl_header* header = nullptr;
  const CURLHcode found = curl().easy_header(handle, name, 0, CURLH_HEADER, -1, &header);
  return found == CURLHE_OK ? header->value : "";
}

long milliseconds_of(Duration span) {
  return std::max(1L,
                  static_cast<long>(std::chrono::ceil<std::chrono::milliseconds>(span).count()));
}

}  // namespace

CURLcode ApiClient::run(const std::string& path, const char* method, Transfer& transfer,
                        std::optional<Duration> timeout) {
  if (handle_ == nullptr) handle_.reset(curl().easy_init());
  if (handle_ == nullptr) return CURLE_FAILED_INIT;
  CURL* const handle = handle_.get();
  curl().easy_reset(handle);
  transfer.handle = handle;
  const std::string url = "http://localhost" + path;
  curl().easy_setopt(handle, CURLOPT_UNIX_SOCKET_PATH, socket_.c_str());
  curl().easy_setopt(handle, CURLOPT_URL, url.c_str());
  curl().easy_setopt(handle, CURLOPT_PATH_AS_IS, 1L);  // a pod called ".." is asked for as such
  curl().easy_setopt(handle, CURLOPT_PROXY, "");
  curl().easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http");
  curl().easy_setopt(handle, CURLOPT_CUSTOMREQUEST, method);
  curl().easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl().easy_setopt(handle, CURLOPT_WRITEFUNCTION, &write_body<Transfer>);
  curl().easy_setopt(handle, CURLOPT_WRITEDATA, &transfer);
  curl().easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
  curl().easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, &go_on<Transfer>);
  curl().easy_setopt(handle, CURLOPT_XFERINFODATA, &transfer);
  if (timeout) curl().easy_setopt(handle, CURLOPT_TIMEOUT_MS, milliseconds_of(*timeout));
  const std::unique_ptr<curl_slist, decltype(LibCurl::slist_free_all)> headers(
      curl().slist_append(nullptr, ("Content-Type: " + std::string(transfer.sent_type)).c_str()),
      curl().slist_free_all);
  if (transfer.sent != nullptr) {
    curl().easy_setopt(handle, CURLOPT_HTTPHEADER, headers.get());
    curl().easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE,
                       static_cast<curl_off_t>(transfer.sent->size()));
    curl().easy_setopt(handle, CURLOPT_POSTFIELDS, transfer.sent->c_str());
  }
  const CURLcode code = curl().easy_perform(handle);
  long connect_errno = 0;
  curl().easy_getinfo(handle, CURLINFO_OS_ERRNO, &connect_errno);
  transfer.connect_errno = static_cast<int>(connect_errno);
  return code;
}

Error ApiClient::failure(CURLcode code, const Transfer& transfer) const {
  const std::string where = "podvisor at " + printable(socket_) + ": ";
  if (code == CURLE_COULDNT_CONNECT) {
    const std::string reason = transfer.connect_errno != 0
                                   ? std::generic_category().message(transfer.connect_errno)
                                   : std::string(curl().easy_strerror(code));
    return {"cannot reach " + where + "connect: " + reason + "; " + advice(transfer.connect_errno),
            transfer.connect_errno};
  }
  if (transfer.too_long)
    return {"the answer of " + where + "it is over " + std::to_string(kMaxBody >> 20U) + " MiB"};
  if (code == CURLE_PARTIAL_FILE || code == CURLE_RECV_ERROR || code == CURLE_GOT_NOTHING)
    return {"lost " + where + "it closed the connection in the midst of its answer"};
  return {"no answer from " + where + curl().easy_strerror(code)};
}

Result<Response> ApiClient::perform(const std::string& path, const char* method,
                                    const std::string* body, const char* body_type) {
  constexpr std::chrono::seconds kPatience{30};
  if (!libcurl()) return tl::unexpected(libcurl().error());
  Transfer transfer;
  transfer.sent = body;
  transfer.sent_type = body_type;
  const CURLcode code = run(path, method, transfer, kPatience);
  if (code != CURLE_OK) return tl::unexpected(failure(code, transfer));
  return Response{
      transfer.status(), std::move(transfer.body), header_of(transfer.handle, "Podvisor-Result"),
      header_of(transfer.handle, "Podvisor-Effect"), header_of(transfer.handle, "Warning")};
}

Result<Response> ApiClient::get(const std::string& path) { return perform(path, "GET"); }

Result<Response> ApiClient::del(const std::string& path) { return perform(path, "DELETE"); }

Result<Response> ApiClient::patch(const std::string& path, const std::string& body) {
  return perform(path, "PATCH", &body, "application/strategic-merge-patch+json");
}

Result<Response> ApiClient::apply(const std::string& path, const std::string& document) {
  return perform(path, "PATCH", &document, "application/apply-patch+yaml");
}

Result<Response> ApiClient::post(const std::string& path, const std::string& body) {
  return perform(path, "POST", &body);
}

Result<StreamEnd> ApiClient::stream(const std::string& path, const OnData& on_data,
                                    std::optional<Duration> timeout) {
  if (!libcurl()) return tl::unexpected(libcurl().error());
  Transfer transfer;
  transfer.on_data = &on_data;
  const CURLcode code = run(path, "GET", transfer, timeout);
  StreamEnd end{
      {.status = transfer.status(), .body = std::move(transfer.body)}, false, std::nullopt};
  if (code == CURLE_OK || transfer.stopped) return end;
  end.timed_out = code == CURLE_OPERATION_TIMEDOUT && timeout.has_value();
  if (end.timed_out) return end;
  if (end.response.status == 0) return tl::unexpected(failure(code, transfer));
  end.broken = failure(code, transfer);
  return end;
}

}  // namespace podvisor::cli
