// What a request and its answer look like to a handler: plain data, nothing of the HTTP library.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "podvisor/fd.h"
#include "podvisor/time.h"

namespace podvisor {

class HttpStream;

struct HttpRequest {
  std::string method;  ///< as sent, upper case by convention: "GET"
  std::string path;    ///< percent-decoded, without the query; starts with '/'
  std::multimap<std::string, std::string> query;  ///< percent-decoded, '+' is a space
  std::map<std::string, std::string> headers;     ///< names in lower case; of repeats the last
  std::string body;
  std::optional<uid_t> peer_uid;  ///< who connected; Unix sockets only

  /// The first value of that name; empty where there is none.
  [[nodiscard]] std::optional<std::string> parameter(const std::string& name) const;
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  std::map<std::string, std::string> headers;
};

/// An answer of unknown length, sent as it comes (chunked, status 200).
struct HttpStreaming {
  std::string content_type;
  /// What is known already. However long it is, it does not count as pending.
  std::string head;
  /// Called once, before the first byte is sent. Whoever keeps the stream may write to it later.
  std::function<void(std::shared_ptr<HttpStream>)> start;
};

/// Leaves HTTP (101): the connection is somebody's own from then on.
struct HttpUpgrade {
  std::map<std::string, std::string> headers;  ///< "Upgrade" among them
  /// Called once, when the answer's head has been sent, with the socket, non-blocking, and what
  /// came after the request; never when the client has left before.
  std::function<void(Fd socket, std::string early)> start;
};

using HttpReply = std::variant<HttpResponse, HttpStreaming, HttpUpgrade>;
/// Answers at once; must not throw and must not destroy the server.
using HttpHandler = std::function<HttpReply(const HttpRequest&)>;

struct HttpLimits {
  unsigned max_connections = 256;
  std::size_t max_body = std::size_t{3} << 20;     ///< bytes; beyond it 413
  std::size_t max_pending = std::size_t{1} << 20;  ///< bytes that a stream's reader may lag behind
  /// From connecting, or from the end of the answer before, until the request is complete.
  Duration request_time = std::chrono::seconds(30);
  /// Until an answer (not a stream) has been taken completely.
  Duration response_time = std::chrono::seconds(60);
};

}  // namespace podvisor
