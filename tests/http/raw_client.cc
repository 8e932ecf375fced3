#include "http/raw_client.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

namespace podvisor {
namespace {

Fd connected(int family, const sockaddr* address, socklen_t size) {
  Fd socket(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (::connect(socket.get(), address, size) < 0)
    throw std::runtime_error(std::string("connect: ") + std::strerror(errno));
  return socket;
}

std::string unchunked(std::string_view text) {
  std::string body;
  for (;;) {
    const auto line_end = text.find("\r\n");
    if (line_end == std::string_view::npos) return body;
    const auto size = std::strtoul(std::string(text.substr(0, line_end)).c_str(), nullptr, 16);
    if (size == 0) return body;
    body += text.substr(line_end + 2, size);
    if (text.size() < line_end + 2 + size + 2) return body;
    text.remove_prefix(line_end + 2 + size + 2);
  }
}

}  // namespace

bool turn_until(Loop& loop, const std::function<bool()>& done) {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!done()) {
    if (std::chrono::steady_clock::now() > give_up) return false;
    if (uv_run(loop.raw(), UV_RUN_NOWAIT) == 0) return done();
    pollfd backend{uv_backend_fd(loop.raw()), POLLIN, 0};
    ::poll(&backend, 1, 1);
  }
  return true;
}

RawClient::RawClient(Loop& loop, const std::string& socket_path) : loop_(loop) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, socket_path.data(), socket_path.size());
  socket_ = connected(AF_UNIX, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
}

RawClient::RawClient(Loop& loop, std::uint16_t port) : loop_(loop) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socket_ = connected(AF_INET, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
}

bool RawClient::send(std::string_view data) {
  return turn_until(loop_,
                    [&] {
                      const ssize_t sent = ::send(socket_.get(), data.data(), data.size(),
                                                  MSG_DONTWAIT | MSG_NOSIGNAL);
                      if (sent > 0) data.remove_prefix(static_cast<std::size_t>(sent));
                      if (sent < 0 && errno != EAGAIN) closed_ = true;
                      return data.empty() || closed_;
                    }) &&
         !closed_;
}

void RawClient::close_for_writing() { ::shutdown(socket_.get(), SHUT_WR); }

int RawClient::request(const std::string& request_line, const std::string& body) {
  received_.clear();
  std::string text = request_line + "\r\nHost: localhost\r\n";
  if (!body.empty()) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  if (!send(text + "\r\n" + body)) return 0;
  return wait_for_answer() ? status() : 0;
}

bool RawClient::wait_for(std::string_view text) {
  return turn_until(loop_, [&] {
    receive();
    return received_.find(text) != std::string::npos;
  });
}

bool RawClient::wait_for_answer() {
  return turn_until(loop_, [&] {
    receive();
    return is_whole();
  });
}

bool RawClient::wait_for_close() {
  return turn_until(loop_, [&] {
    receive();
    return closed_;
  });
}

int RawClient::status() const {
  return received_.size() < 12 ? 0 : std::atoi(received_.substr(9, 3).c_str());
}

std::string RawClient::header(const std::string& name) const {
  const auto found = received_.find("\r\n" + name + ": ");
  if (found == std::string::npos) return {};
  const auto begin = found + name.size() + 4;
  return received_.substr(begin, received_.find("\r\n", begin) - begin);
}

std::string RawClient::body() const {
  const auto end_of_headers = received_.find("\r\n\r\n");
  if (end_of_headers == std::string::npos) return {};
  const std::string rest = received_.substr(end_of_headers + 4);
  return header("Transfer-Encoding") == "chunked" ? unchunked(rest) : rest;
}

void RawClient::receive() {
  std::array<char, 65536> buffer{};
  for (;;) {
    const ssize_t got = ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got > 0) {
      received_.append(buffer.data(), static_cast<std::size_t>(got));
      continue;
    }
    if (got == 0 || errno != EAGAIN) closed_ = true;
    return;
  }
}

bool RawClient::is_whole() const {
  if (received_.find("\r\n\r\n") == std::string::npos) return closed_;
  if (header("Transfer-Encoding") == "chunked")
    return closed_ || received_.ends_with("\r\n0\r\n\r\n");
  const std::string length = header("Content-Length");
  return closed_ || (!length.empty() && body().size() >= std::stoul(length));
}

}  // namespace podvisor
