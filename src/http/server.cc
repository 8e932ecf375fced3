#include "http/server.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <utility>

namespace podvisor {
namespace {

/// Nothing may be thrown through the C library's frames; it gets `otherwise` instead.
template <typename Call, typename Value>
Value guarded(Value otherwise, Call call) noexcept {
  try {
    return call();
  } catch (const std::exception&) {
    return otherwise;
  }
}

std::optional<uid_t> peer_uid(int socket) {
  int domain = 0;
  socklen_t size = sizeof(domain);
  if (::getsockopt(socket, SOL_SOCKET, SO_DOMAIN, &domain, &size) < 0 || domain != AF_UNIX)
    return std::nullopt;
  ucred credentials{};
  size = sizeof(credentials);
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) < 0) return std::nullopt;
  return credentials.uid;
}

HttpResponse plain(int status, std::string text) {
  HttpResponse response;
  response.status = status;
  response.body = std::move(text) + "\n";
  return response;
}

}  // namespace

struct HttpServer::Callbacks {
  static void connection_changed(void* cls, MHD_Connection* handle, void**,
                                 MHD_ConnectionNotificationCode code) {
    auto& server = *static_cast<HttpServer*>(cls);
    guarded(0, [&] {
      const bool closed = code == MHD_CONNECTION_NOTIFY_CLOSED;
      return closed ? server.disconnected(handle) : server.connected(handle), 0;
    });
  }

  static void* target_received(void* cls, const char* target, MHD_Connection* handle) {
    guarded(0, [&] { return static_cast<HttpServer*>(cls)->begin_exchange(handle, target), 0; });
    return nullptr;
  }

  static MHD_Result request_received(void* cls, MHD_Connection* handle, const char*,
                                     const char* method, const char*, const char* data,
                                     std::size_t* size, void**) {
    return guarded(MHD_NO, [&] {
      return static_cast<HttpServer*>(cls)->receive(handle, method, data, *size);
    });
  }

  static void request_completed(void* cls, MHD_Connection* handle, void**,
                                MHD_RequestTerminationCode) {
    guarded(0, [&] { return static_cast<HttpServer*>(cls)->end_exchange(handle), 0; });
  }

  /// Targets are decoded by parse_target(), from the text as it was sent.
  static std::size_t leave_escaped(void*, MHD_Connection*, char* text) {
    return std::char_traits<char>::length(text);
  }
};

Result<std::unique_ptr<HttpServer>> HttpServer::start(Loop& loop, Fd listening, HttpHandler handler,
                                                      HttpLimits limits) {
  std::unique_ptr<HttpServer> server(new HttpServer(loop, std::move(handler), limits));
  if (auto opened = server->open(std::move(listening)); !opened)
    return tl::unexpected(opened.error());
  return server;
}

HttpServer::HttpServer(Loop& loop, HttpHandler handler, HttpLimits limits)
    : loop_(loop),
      handler_(std::move(handler)),
      limits_(limits),
      run_timer_(loop, [this] { run(); }),
      deadline_timer_(loop, [this] { close_overdue(); }) {}

Status HttpServer::open(Fd listening) {
  daemon_ = MHD_start_daemon(
      MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_ALLOW_UPGRADE, 0, nullptr, nullptr,
      &Callbacks::request_received, this, MHD_OPTION_LISTEN_SOCKET, listening.get(),
      MHD_OPTION_CONNECTION_LIMIT, limits_.max_connections, MHD_OPTION_STRICT_FOR_CLIENT, 1,
      MHD_OPTION_UNESCAPE_CALLBACK, &Callbacks::leave_escaped, this, MHD_OPTION_URI_LOG_CALLBACK,
      &Callbacks::target_received, this, MHD_OPTION_NOTIFY_COMPLETED, &Callbacks::request_completed,
      this, MHD_OPTION_NOTIFY_CONNECTION, &Callbacks::connection_changed, this, MHD_OPTION_END);
  if (!daemon_) return errno_error("start the HTTP server", errno);
  static_cast<void>(listening.release());  // the daemon closes it
  const auto* info = MHD_get_daemon_info(daemon_, MHD_DAEMON_INFO_EPOLL_FD);
  poll_ = std::make_unique<Poll>(loop_, info->epoll_fd, [this](int, int) { run(); });
  poll_->start(UV_READABLE);
  return {};
}

HttpServer::~HttpServer() {
  // Stopping with a suspended connection is undefined; cutting a stream resumes its connection.
  for (auto& [handle, connection] : connections_)
    if (connection.exchange) connection.exchange->cut();
  poll_.reset();  // before the daemon closes its descriptor
  if (daemon_) MHD_stop_daemon(daemon_);
}

std::size_t HttpServer::streams() const {
  return static_cast<std::size_t>(std::ranges::count_if(connections_, [](const auto& entry) {
    return entry.second.exchange && entry.second.exchange->streams();
  }));
}

void HttpServer::run() {
  run_again_ = false;
  MHD_run(daemon_);
  MHD_UNSIGNED_LONG_LONG milliseconds = 0;
  const bool timed = MHD_get_timeout(daemon_, &milliseconds) == MHD_YES;
  if (run_again_)
    run_timer_.start(Duration{0});
  else if (timed)
    run_timer_.start(std::chrono::milliseconds(milliseconds));
  else
    run_timer_.stop();
}

void HttpServer::run_soon() {
  run_again_ = true;
  run_timer_.start(Duration{0});
}

void HttpServer::connected(MHD_Connection* handle) {
  Connection& connection = connections_[handle];
  connection.socket =
      MHD_get_connection_info(handle, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
  connection.peer_uid = peer_uid(connection.socket);
  set_deadline(connection, limits_.request_time);
}

void HttpServer::disconnected(MHD_Connection* handle) {
  connections_.erase(handle);
  // At its limit the library has stopped listening; it begins again on its next turn only.
  run_soon();
}

void HttpServer::begin_exchange(MHD_Connection* handle, const char* target) {
  connections_[handle].exchange =
      std::make_unique<HttpExchange>(loop_, handle, target, [this] { run_soon(); });
}

MHD_Result HttpServer::receive(MHD_Connection* handle, const char* method, const char* data,
                               std::size_t& size) {
  Connection& connection = connections_[handle];
  if (!connection.exchange) return MHD_NO;
  HttpExchange& exchange = *connection.exchange;
  if (exchange.begin()) {
    if (exchange.announces_at_most(limits_.max_body)) return MHD_YES;
    return answer(connection, plain(413, "the request body is too large"));
  }
  if (size == 0) return answer(connection, reply_to(connection, method));
  exchange.receive(data, size, limits_.max_body);
  size = 0;
  return MHD_YES;
}

HttpReply HttpServer::reply_to(Connection& connection, const char* method) {
  if (connection.exchange->too_large()) return plain(413, "the request body is too large");
  auto request = connection.exchange->request(connection.peer_uid);
  if (!request) return plain(400, request.error().message);
  request->method = method;
  return handler_(*request);
}

MHD_Result HttpServer::answer(Connection& connection, HttpReply reply) {
  const MHD_Result queued = connection.exchange->answer(std::move(reply), limits_);
  if (connection.exchange->streams())
    connection.deadline.reset();
  else
    set_deadline(connection, limits_.response_time);
  return queued;
}

void HttpServer::end_exchange(MHD_Connection* handle) {
  const auto found = connections_.find(handle);
  if (found == connections_.end()) return;
  // Taken out first: closing a stream calls its producer.
  const auto ended = std::move(found->second.exchange);
  set_deadline(found->second, limits_.request_time);
}

void HttpServer::set_deadline(Connection& connection, Duration span) {
  connection.deadline = loop_.now().monotonic + span;
  if (!deadline_timer_.active())
    deadline_timer_.start(std::min(limits_.request_time, limits_.response_time));
}

void HttpServer::close_overdue() {
  const TimePoint now = loop_.now().monotonic;
  bool more = false;
  for (const auto& [handle, connection] : connections_) {
    if (!connection.deadline) continue;
    more = true;
    // The daemon sees the end of the connection and does the rest.
    if (*connection.deadline <= now) ::shutdown(connection.socket, SHUT_RDWR);
  }
  if (more) deadline_timer_.start(std::min(limits_.request_time, limits_.response_time));
}

}  // namespace podvisor
