#include "door/client.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <utility>

namespace podvisor::door {
namespace {

constexpr int kReadLimit = 10'000;  // milliseconds

}  // namespace

TestClient::TestClient(std::uint16_t port)
    : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error("cannot connect to the door");
}

TestClient::TestClient(const std::string& socket_path)
    : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  socket_path.copy(address.sun_path, sizeof address.sun_path - 1);
  if (::connect(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error("cannot connect to " + socket_path);
}

bool TestClient::send(const std::string& bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const ssize_t size =
        ::send(socket_.get(), bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (size <= 0) return false;
    sent += static_cast<std::size_t>(size);
  }
  return true;
}

bool TestClient::fill() {
  pollfd waiting{socket_.get(), POLLIN, 0};
  if (::poll(&waiting, 1, kReadLimit) != 1) return false;
  std::array<char, 65536> bytes;
  const ssize_t size = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
  if (size < 0 && errno == ECONNRESET) reset_ = true;
  if (size <= 0) return false;
  buffer_.append(bytes.data(), static_cast<std::size_t>(size));
  return true;
}

Answer TestClient::read_answer(bool to_head) {
  Answer answer;
  std::size_t end = 0;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos)
    if (!fill()) return answer.closed = true, answer.reset = reset_, answer;
  answer.head = buffer_.substr(0, end + 4);
  answer.status = std::stoi(answer.head.substr(9, 3));
  buffer_.erase(0, end + 4);
  if (to_head || answer.status < 200 || answer.status == 204 || answer.status == 304) return answer;
  const auto has = [&](const char* text) { return answer.head.find(text) != std::string::npos; };
  if (has("Transfer-Encoding: chunked")) {
    while ((end = buffer_.find("0\r\n\r\n")) == std::string::npos)
      if (!fill()) return answer.closed = true, answer.reset = reset_, answer;
    answer.body = buffer_.substr(0, end + 5);
    buffer_.erase(0, end + 5);
  } else if (has("Content-Length: ")) {
    const std::size_t length = std::stoul(answer.head.substr(answer.head.find("Length: ") + 8));
    answer.body = read_exactly(length);
    answer.closed = answer.body.size() < length;
  } else {
    answer.body = read_to_end();
    answer.closed = true;
  }
  answer.reset = reset_;
  return answer;
}

Answer TestClient::get(const std::string& path) {
  if (!send("GET " + path + " HTTP/1.1\r\nHost: test\r\n\r\n")) return {};
  return read_answer();
}

std::string TestClient::read_exactly(std::size_t size) {
  while (buffer_.size() < size && fill()) {
  }
  const std::string bytes = buffer_.substr(0, size);
  buffer_.erase(0, bytes.size());
  return bytes;
}

std::string TestClient::read_to_end() {
  while (fill()) {
  }
  return std::exchange(buffer_, {});
}

bool TestClient::nothing_comes(int milliseconds) {
  pollfd waiting{socket_.get(), POLLIN, 0};
  return buffer_.empty() && ::poll(&waiting, 1, milliseconds) == 0;
}

void TestClient::close_for_writing() { ::shutdown(socket_.get(), SHUT_WR); }

void TestClient::reset() {
  const linger at_once{1, 0};
  setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  socket_.reset();
}

}  // namespace podvisor::door
