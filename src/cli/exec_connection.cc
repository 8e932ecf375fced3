#include "cli/exec_connection.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "cli/api_objects.h"
#include "cli/text.h"
#include "podvisor/base64.h"

namespace podvisor::cli {
namespace {

constexpr std::size_t kMaxHead = std::size_t{64} * 1024;
constexpr std::size_t kMaxRefusal = std::size_t{1} << 20;

/// Nobody on a Unix socket has to be kept from guessing it.
std::uint32_t random_mask() {
  std::uint32_t mask = 0;
  static_cast<void>(::getrandom(&mask, sizeof mask, 0));
  return mask;
}

std::string random_key() {
  std::array<char, 16> bytes{};
  static_cast<void>(::getrandom(bytes.data(), bytes.size(), 0));
  return encode_base64({bytes.data(), bytes.size()});
}

Result<Fd> connect_to(const std::string& path) {
  const std::string where = "cannot reach podvisor at " + printable(path);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return make_error(where + ": the path is too long");
  std::memcpy(address.sun_path, path.data(), path.size());
  Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket) return errno_error("cannot make a socket", errno);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return errno_error(where + ": connect", errno);
  return socket;
}

long status_of(const std::string& head) {
  const std::size_t space = head.find(' ');
  return space == std::string::npos ? 0 : std::strtol(head.c_str() + space, nullptr, 10);
}

}  // namespace

Result<ExecConnection> ExecConnection::open(const std::string& socket, const std::string& path) {
  auto connected = connect_to(socket);
  if (!connected) return tl::unexpected(connected.error());
  ExecConnection connection(std::move(*connected));
  if (const Status shaken = connection.shake_hands(path); !shaken)
    return tl::unexpected(shaken.error());
  ::fcntl(connection.fd(), F_SETFL, O_NONBLOCK);
  return connection;
}

Status ExecConnection::shake_hands(const std::string& path) {
  const std::string key = random_key();
  const std::string request = "GET " + path +
                              " HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
                              "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                              "Sec-WebSocket-Protocol: v5.channel.k8s.io\r\nSec-WebSocket-Key: " +
                              key + "\r\n\r\n";
  if (::send(fd(), request.data(), request.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(request.size()))
    return errno_error("cannot ask podvisor", errno);
  auto answer = read_head();
  if (!answer) return tl::unexpected(answer.error());
  const std::size_t end = answer->find("\r\n\r\n") + 4;
  const std::string head = answer->substr(0, end);
  if (status_of(head) != 101)
    return tl::unexpected(server_error(read_refusal(status_of(head), answer->substr(end))));
  if (head.find(": " + websocket::accept_key(key) + "\r\n") == std::string::npos)
    return make_error("what answers is no podvisor: its handshake is wrong");
  reader_.feed(std::string_view(*answer).substr(end));
  return {};
}

/// With what came right behind it.
Result<std::string> ExecConnection::read_head() {
  std::string text;
  std::array<char, 4096> block;
  while (text.find("\r\n\r\n") == std::string::npos) {
    const ssize_t size = ::recv(fd(), block.data(), block.size(), 0);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0 || text.size() > kMaxHead)
      return make_error("no answer from podvisor: it closed the connection");
    text.append(block.data(), static_cast<std::size_t>(size));
  }
  return text;
}

Response ExecConnection::read_refusal(long status, std::string body) {
  ::shutdown(fd(), SHUT_WR);  // or it would be kept open for another request
  std::array<char, 4096> block;
  while (body.size() < kMaxRefusal) {
    const ssize_t size = ::recv(fd(), block.data(), block.size(), 0);
    if (size <= 0) break;
    body.append(block.data(), static_cast<std::size_t>(size));
  }
  return {status, std::move(body)};
}

void ExecConnection::send(ExecChannel channel, std::string_view data) {
  std::string message(1, static_cast<char>(channel));
  message += data;
  outgoing_ += websocket::frame(websocket::Opcode::Binary, message, random_mask());
}

bool ExecConnection::flush() {
  while (!outgoing_.empty()) {
    const ssize_t size =
        ::send(fd(), outgoing_.data(), outgoing_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (size < 0) return errno == EAGAIN || errno == EINTR;
    outgoing_.erase(0, static_cast<std::size_t>(size));
  }
  return true;
}

bool ExecConnection::receive() {
  std::array<char, 65536> block;
  const ssize_t size = ::recv(fd(), block.data(), block.size(), MSG_DONTWAIT);
  if (size < 0) return errno == EAGAIN || errno == EINTR;
  if (size == 0) return false;
  reader_.feed({block.data(), static_cast<std::size_t>(size)});
  return true;
}

std::optional<ChannelData> ExecConnection::next() {
  while (auto message = reader_.next()) {
    if (message->opcode == websocket::Opcode::Ping)
      outgoing_ += websocket::frame(websocket::Opcode::Pong, message->payload, random_mask());
    if (message->opcode != websocket::Opcode::Binary || message->payload.empty()) continue;
    const auto channel = static_cast<ExecChannel>(message->payload.front());
    return ChannelData{channel, message->payload.substr(1)};
  }
  return std::nullopt;
}

}  // namespace podvisor::cli
