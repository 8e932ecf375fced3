#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <charconv>
#include <memory>

#include "http/listen.h"

namespace podvisor {
namespace {

struct HostPort {
  std::string host;
  std::string port;
};

tl::unexpected<Error> not_an_address(const std::string& text) {
  return make_error("listen on " + text +
                    ": not an address; use ADDR:PORT, [ADDR6]:PORT or :PORT with a port of 0 to "
                    "65535, such as 127.0.0.1:9090");
}

bool is_port(const std::string& text) {
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto [parsed, error] = std::from_chars(text.data(), end, port);
  return error == std::errc() && parsed == end;
}

Result<HostPort> split(const std::string& text) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) return not_an_address(text);
  HostPort parts{text.substr(0, colon), text.substr(colon + 1)};
  if (!is_port(parts.port)) return not_an_address(text);
  const bool bracketed =
      parts.host.size() > 2 && parts.host.front() == '[' && parts.host.back() == ']';
  if (bracketed)
    parts.host = parts.host.substr(1, parts.host.size() - 2);
  else if (parts.host.find(':') != std::string::npos)
    return not_an_address(text);
  if (parts.host == "localhost") parts.host = "127.0.0.1";
  return parts;
}

using AddressList = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

Result<AddressList> resolve(const std::string& text, const HostPort& parts) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;  // never asks a name server
  addrinfo* found = nullptr;
  if (::getaddrinfo(parts.host.c_str(), parts.port.c_str(), &hints, &found) != 0)
    return not_an_address(text);
  return AddressList(found, &::freeaddrinfo);
}

void set_option(int socket, int level, int option, int value) {
  ::setsockopt(socket, level, option, &value, sizeof(value));
}

Result<Fd> listen_at(const std::string& text, const HostPort& parts) {
  const auto resolved = resolve(text, parts);
  if (!resolved) return tl::unexpected(resolved.error());
  const addrinfo& address = **resolved;
  Fd socket(::socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return errno_error("listen on " + text, errno);
  set_option(socket.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  if (address.ai_family == AF_INET6) set_option(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, 0);
  if (::bind(socket.get(), address.ai_addr, address.ai_addrlen) == 0 &&
      ::listen(socket.get(), kListenBacklog) == 0)
    return socket;
  const int error_number = errno;
  const char* way_out = error_number == EADDRINUSE ? " (choose a free port with --listen)" : "";
  return errno_error("listen on " + text + way_out, error_number);
}

}  // namespace

Result<Fd> listen_tcp(const std::string& address_port) {
  const auto parts = split(address_port);
  if (!parts) return tl::unexpected(parts.error());
  if (!parts->host.empty()) return listen_at(address_port, *parts);
  auto socket = listen_at(address_port, {"::", parts->port});  // takes IPv4 as well
  const bool no_ipv6 = !socket && (socket.error().error_number == EAFNOSUPPORT ||
                                   socket.error().error_number == EADDRNOTAVAIL);
  return no_ipv6 ? listen_at(address_port, {"0.0.0.0", parts->port}) : std::move(socket);
}

Result<std::uint16_t> bound_port(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) < 0)
    return errno_error("read a socket's address", errno);
  if (address.ss_family == AF_INET6)
    return ntohs(reinterpret_cast<const sockaddr_in6&>(address).sin6_port);
  return ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port);
}

}  // namespace podvisor
