#include "http/exchange.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <exception>
#include <utility>

#include "http/target.h"

namespace podvisor {
namespace {

constexpr std::size_t kStreamBlock = 16 * 1024;

std::string lower(std::string text) {
  // ASCII by definition of HTTP; the locale has no say.
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

MHD_Result collect_header(void* cls, MHD_ValueKind, const char* name, const char* value) {
  auto& headers = *static_cast<std::map<std::string, std::string>*>(cls);
  headers[lower(name)] = value ? value : "";
  return MHD_YES;
}

MHD_Response* make_response(std::string body) {
  auto kept = std::make_unique<std::string>(std::move(body));
  MHD_Response* response = MHD_create_response_from_buffer_with_free_callback_cls(
      kept->size(), kept->data(), [](void* cls) { delete static_cast<std::string*>(cls); },
      kept.get());
  if (response) static_cast<void>(kept.release());
  return response;
}

MHD_Result queue(MHD_Connection* connection, int status, MHD_Response* response) {
  if (!response) return MHD_NO;
  const MHD_Result queued = MHD_queue_response(connection, static_cast<unsigned>(status), response);
  MHD_destroy_response(response);
  return queued;
}

}  // namespace

HttpExchange::HttpExchange(Loop& loop, MHD_Connection* connection, std::string target,
                           std::function<void()> run_soon)
    : loop_(loop),
      connection_(connection),
      target_(std::move(target)),
      run_soon_(std::move(run_soon)) {}

HttpExchange::~HttpExchange() {
  if (stream_) stream_->close();
}

bool HttpExchange::announces_at_most(std::size_t max_body) const {
  const char* text =
      MHD_lookup_connection_value(connection_, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
  if (!text) return true;
  std::size_t length = 0;
  // The library has refused what is not a number.
  const auto [end, error] = std::from_chars(text, text + std::strlen(text), length);
  return error == std::errc() && length <= max_body;
}

void HttpExchange::receive(const char* data, std::size_t size, std::size_t max_body) {
  too_large_ = too_large_ || body_.size() + size > max_body;
  if (too_large_)
    body_ = {};
  else
    body_.append(data, size);
}

Result<HttpRequest> HttpExchange::request(std::optional<uid_t> peer_uid) {
  auto target = parse_target(target_);
  if (!target) return tl::unexpected(target.error());
  HttpRequest request;
  request.path = std::move(target->path);
  request.query = std::move(target->query);
  request.body = std::move(body_);
  request.peer_uid = peer_uid;
  MHD_get_connection_values(connection_, MHD_HEADER_KIND, &collect_header, &request.headers);
  return request;
}

MHD_Result HttpExchange::answer(HttpReply reply, const HttpLimits& limits) {
  if (auto* response = std::get_if<HttpResponse>(&reply)) return send(std::move(*response));
  if (auto* upgrade = std::get_if<HttpUpgrade>(&reply)) return send(std::move(*upgrade));
  return send(std::move(std::get<HttpStreaming>(reply)), limits);
}

MHD_Result HttpExchange::send(HttpResponse response) {
  MHD_Response* raw = make_response(std::move(response.body));
  if (!raw) return MHD_NO;
  MHD_add_response_header(raw, MHD_HTTP_HEADER_CONTENT_TYPE, response.content_type.c_str());
  for (const auto& [name, value] : response.headers)
    MHD_add_response_header(raw, name.c_str(), value.c_str());
  return queue(connection_, response.status, raw);
}

MHD_Result HttpExchange::send(HttpStreaming streaming, const HttpLimits& limits) {
  MHD_Response* raw = MHD_create_response_from_callback(
      MHD_SIZE_UNKNOWN, kStreamBlock,
      [](void* cls, std::uint64_t, char* to, std::size_t size) {
        return static_cast<HttpExchange*>(cls)->take(to, size);
      },
      this, nullptr);
  if (!raw) return MHD_NO;
  MHD_add_response_header(raw, MHD_HTTP_HEADER_CONTENT_TYPE, streaming.content_type.c_str());
  stream_ = std::make_shared<HttpStream>(std::move(streaming.head), limits.max_pending);
  stream_->attach(this);
  if (streaming.start) streaming.start(stream_);
  return queue(connection_, MHD_HTTP_OK, raw);
}

MHD_Result HttpExchange::send(HttpUpgrade upgrade) {
  MHD_Response* raw = MHD_create_response_for_upgrade(&leave_http, this);
  if (!raw) return MHD_NO;
  for (const auto& [name, value] : upgrade.headers)
    MHD_add_response_header(raw, name.c_str(), value.c_str());
  upgrade_ = std::move(upgrade.start);
  return queue(connection_, MHD_HTTP_SWITCHING_PROTOCOLS, raw);
}

/// The library is done with its connection at once; what the new owner gets is a duplicate, so that
/// neither has to outlive the other.
void HttpExchange::leave_http(void* cls, MHD_Connection*, void*, const char* early,
                              std::size_t early_size, MHD_socket socket,
                              MHD_UpgradeResponseHandle* end) {
  auto& exchange = *static_cast<HttpExchange*>(cls);
  Fd own(::fcntl(socket, F_DUPFD_CLOEXEC, 0));
  if (own) ::fcntl(own.get(), F_SETFL, O_NONBLOCK);
  MHD_upgrade_action(end, MHD_UPGRADE_ACTION_CLOSE);
  exchange.run_soon_();
  const auto start = std::exchange(exchange.upgrade_, nullptr);
  try {
    if (own && start) start(std::move(own), std::string(early, early_size));
  } catch (const std::exception&) {
    // Nothing may be thrown through the C library's frames: the client sees the connection end.
  }
}

ssize_t HttpExchange::take(char* to, std::size_t size) {
  std::size_t count = 0;
  switch (stream_->take(to, size, count)) {
    case HttpStream::Taken::Some:
      return static_cast<ssize_t>(count);
    case HttpStream::Taken::End:
      return MHD_CONTENT_READER_END_OF_STREAM;
    case HttpStream::Taken::NothingYet:
      suspend();
      return 0;
    case HttpStream::Taken::Aborted:
      break;
  }
  return MHD_CONTENT_READER_END_WITH_ERROR;
}

void HttpExchange::suspend() {
  suspended_ = true;
  MHD_suspend_connection(connection_);
  if (!departure_)
    departure_ = std::make_unique<Poll>(loop_, socket(), [this](int, int) { cut(); });
  departure_->start(UV_DISCONNECT);
}

void HttpExchange::wake() {
  if (!std::exchange(suspended_, false)) return;
  departure_->stop();
  MHD_resume_connection(connection_);
  run_soon_();
}

void HttpExchange::abort() {
  ::shutdown(socket(), SHUT_RDWR);
  wake();
}

void HttpExchange::cut() {
  if (!stream_) return;
  stream_->end();
  abort();
}

int HttpExchange::socket() const {
  return MHD_get_connection_info(connection_, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
}

}  // namespace podvisor
