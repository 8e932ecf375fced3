// Where an HTTP probe goes: from its path (HTTP-2), and along redirects (HTTP-7 to HTTP-10). Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace podvisor {

struct HttpUrl {
  std::string scheme;  ///< "http" or "https"
  std::string host;    ///< name or address, without brackets
  std::uint16_t port = 0;
  std::string
      authority;  ///< as the Host header has it: "host:port", or "host" if a redirect says so
  std::string target = "/";  ///< path and query, as the request line has them
  std::string user;
  std::string password;
};

/// `scheme` is upper case as in the manifest. Cannot fail: what is no URL becomes a path (HTTP-2).
[[nodiscard]] HttpUrl probe_url(std::string_view scheme, const std::string& host,
                                std::uint16_t port, std::string_view path);

/// For messages: without user and password.
[[nodiscard]] std::string to_string(const HttpUrl& url);

/// HTTP-8: requests in one attempt, the first included.
inline constexpr int kMaxHttpRequests = 10;

struct Redirect {
  enum class Kind : std::uint8_t {
    Final,   ///< not followed: the response is judged as it is
    Follow,  ///< go on to `url`
    Failed,  ///< the attempt fails with `error`
  };
  Kind kind = Kind::Final;
  HttpUrl url;
  bool keeps_host = false;  ///< Follow: a custom Host header still applies (HTTP-10)
  std::string error;
};

/// What to do about a response with `status` and `location` (empty: there was none) to `current`,
/// the `requests`-th request of an attempt that began at `first_host`.
[[nodiscard]] Redirect next_redirect(const std::string& first_host, const HttpUrl& current,
                                     int status, const std::string& location, int requests);

}  // namespace podvisor
