#include "door/backend.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <stdexcept>

namespace podvisor::door {
namespace {

constexpr int kPatience = 10'000;  // milliseconds

/// The header's value, trimmed and in lower case; empty: there is none.
std::string header(std::string head, const std::string& name) {
  for (char& c : head) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const auto found = head.find("\r\n" + name + ":");
  if (found == std::string::npos) return {};
  const auto begin = found + name.size() + 3;
  const std::string value = head.substr(begin, head.find("\r\n", begin) - begin);
  const auto first = value.find_first_not_of(" \t");
  if (first == std::string::npos) return {};
  return value.substr(first, value.find_last_not_of(" \t") - first + 1);
}

}  // namespace

bool Connection::fill() {
  pollfd waiting{fd_, POLLIN, 0};
  if (::poll(&waiting, 1, kPatience) != 1) return false;
  std::array<char, 65536> bytes;
  const ssize_t size = ::recv(fd_, bytes.data(), bytes.size(), 0);
  if (size <= 0) return false;
  buffer_.append(bytes.data(), static_cast<std::size_t>(size));
  return true;
}

std::string Connection::read_some() {
  if (buffer_.empty() && !fill()) return {};
  return std::exchange(buffer_, {});
}

std::string Connection::read_exactly(std::size_t size) {
  while (buffer_.size() < size)
    if (!fill()) return {};
  const std::string bytes = buffer_.substr(0, size);
  buffer_.erase(0, size);
  return bytes;
}

std::string Connection::read_line() {
  std::size_t end = 0;
  while ((end = buffer_.find("\r\n")) == std::string::npos)
    if (!fill()) return {};
  return read_exactly(end + 2);
}

std::string Connection::read_chunked() {
  std::string body;
  for (;;) {
    const std::string line = read_line();
    body += line;
    const std::size_t size = std::strtoul(line.c_str(), nullptr, 16);
    if (line.empty()) return {};
    if (size == 0) break;
    body += read_exactly(size + 2);
  }
  for (std::string line; line != "\r\n"; body += line)  // trailers
    if ((line = read_line()).empty()) return {};
  return body;
}

std::string Connection::read_request() {
  std::size_t end = 0;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos)
    if (!fill()) return {};
  const std::string head = read_exactly(end + 4);
  ++requests;
  if (header(head, "transfer-encoding") == "chunked") {
    const std::string body = read_chunked();
    return body.empty() ? body : head + body;
  }
  const std::size_t length = std::strtoul(header(head, "content-length").c_str(), nullptr, 10);
  const std::string body = read_exactly(length);
  return body.size() < length ? std::string() : head + body;
}

bool Connection::send(const std::string& bytes) const {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const ssize_t size = ::send(fd_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (size <= 0) return false;
    sent += static_cast<std::size_t>(size);
  }
  return true;
}

void Connection::reset() const {
  const linger at_once{1, 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

void Connection::close_for_writing() const { ::shutdown(fd_, SHUT_WR); }

Backend::Backend(Serve serve) : serve_(std::move(serve)) {
  listening_ = Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  if (bind(listening_.get(), raw, size) != 0 || listen(listening_.get(), 1024) != 0 ||
      getsockname(listening_.get(), raw, &size) != 0)
    throw std::runtime_error("cannot listen on loopback");
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_all(); });
}

void Backend::accept_all() {
  for (;;) {
    const int fd = accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    const std::lock_guard lock(mutex_);
    if (stopping_) {
      ::close(fd);
      return;
    }
    ++accepted_;
    open_.push_back(fd);
    threads_.emplace_back([this, fd] {
      Connection connection(fd);
      serve_(connection);
      const std::lock_guard closing(mutex_);
      std::erase(open_, fd);
      ::close(fd);
    });
  }
}

void Backend::stop() {
  if (stopping_.exchange(true)) return;
  ::shutdown(listening_.get(), SHUT_RDWR);
  acceptor_.join();
  listening_.reset();
  std::vector<std::thread> threads;
  {
    const std::lock_guard lock(mutex_);
    for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
    threads.swap(threads_);
  }
  for (std::thread& thread : threads) thread.join();
}

std::string ok(const std::string& body, const std::string& lines) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + lines +
         "\r\n" + body;
}

Backend::Serve named(const std::string& name) {
  return [name](Connection& connection) {
    while (!connection.read_request().empty())
      if (!connection.send(ok(name))) return;
  };
}

}  // namespace podvisor::door
