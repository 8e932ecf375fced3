#include "traffic/load.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <utility>

namespace podvisor {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t kMostTold = 100;  // of failures, one by one

Fd connect_to(std::uint16_t port) {
  Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const timeval patience{40, 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return {};
  return socket;
}

/// A receive with a time limit is interrupted by any signal that the test's process gets.
ssize_t receive(int socket, char* buffer, std::size_t size) {
  ssize_t got = 0;
  do got = ::recv(socket, buffer, size, 0);
  while (got < 0 && errno == EINTR);
  return got;
}

std::string error_word() {
  return errno == EAGAIN       ? "no answer in time"
         : errno == ECONNRESET ? "reset"
                               : std::strerror(errno);
}

/// The head of an answer in lower case: HAProxy writes its fields so.
std::string lower_head(const std::string& answer) {
  std::string head = answer.substr(0, answer.find("\r\n\r\n"));
  std::ranges::transform(head, head.begin(), [](unsigned char c) { return std::tolower(c); });
  return head;
}

std::size_t length_of(const std::string& head) {
  const std::size_t at = head.find("\r\ncontent-length: ");
  return at == std::string::npos ? 0 : std::stoul(head.substr(at + 18));
}

/// One request and its whole answer. What went wrong; empty: nothing. `closes` tells whether the
/// server said that it ends the connection.
std::string exchange(int socket, const std::string& request, bool& closes) {
  if (::send(socket, request.data(), request.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(request.size()))
    return "sending: " + error_word();
  std::string answer;
  std::size_t whole = std::string::npos;
  std::vector<char> buffer(65536);
  while (answer.size() < whole) {
    const ssize_t got = receive(socket, buffer.data(), buffer.size());
    if (got < 0) return error_word();
    if (got == 0) return answer.empty() ? "empty" : "truncated";
    answer.append(buffer.data(), static_cast<std::size_t>(got));
    const std::size_t end = answer.find("\r\n\r\n");
    if (end != std::string::npos) whole = end + 4 + length_of(lower_head(answer));
  }
  closes = lower_head(answer).find("\r\nconnection: close") != std::string::npos;
  return answer.starts_with("HTTP/1.1 200 ") ? "" : answer.substr(0, answer.find("\r\n"));
}

std::string request_of(const LoadPlan& plan) {
  return plan.method + " " + plan.path + " HTTP/1.1\r\nHost: test\r\n" +
         (plan.keep_alive ? "" : "Connection: close\r\n") +
         (plan.body > 0 || plan.method == "POST"
              ? "Content-Length: " + std::to_string(plan.body) + "\r\n"
              : "") +
         "\r\n" + std::string(plan.body, 'x');
}

}  // namespace

void LoadResult::add(const LoadResult& more) {
  requests += more.requests;
  longest = std::max(longest, more.longest);
  last.insert(last.end(), more.last.begin(), more.last.end());
  for (const auto& [cause, count] : more.failed) failed[cause] += count;
}

std::string LoadResult::text() const {
  std::uint64_t sum = 0;
  std::string causes;
  for (const auto& [cause, count] : failed) {
    sum += count;
    causes += (causes.empty() ? ": " : ", ") + std::to_string(count) + " " + cause;
  }
  return std::to_string(sum) + " failed of " + std::to_string(requests) + ", the longest took " +
         std::to_string(longest.count()) + " ms" + causes;
}

Connection::Connection(std::uint16_t port) : socket_(connect_to(port)) {}

void Connection::send(const std::string& text) const {
  static_cast<void>(::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL));
}

std::string Connection::read_until(const std::string& end) {
  std::size_t found = unread_.find(end);
  while (found == std::string::npos) {
    char buffer[4096];
    const ssize_t got = receive(socket_.get(), buffer, sizeof buffer);
    if (got <= 0) return std::exchange(unread_, "");
    unread_.append(buffer, static_cast<std::size_t>(got));
    found = unread_.find(end);
  }
  std::string text = unread_.substr(0, found + end.size());
  unread_.erase(0, text.size());
  return text;
}

Load::Load(LoadPlan plan) : plan_(std::move(plan)) {
  const auto clients = static_cast<std::size_t>(plan_.clients);
  done_by_each_.resize(clients);
  for (std::size_t i = 0; i < clients; ++i) clients_.emplace_back([this, i] { run(i); });
}

Load::~Load() { stop(); }

LoadResult Load::so_far() {
  const std::lock_guard lock(mutex_);
  return result_;
}

std::vector<std::uint64_t> Load::done_by_each() {
  const std::lock_guard lock(mutex_);
  return done_by_each_;
}

LoadResult Load::stop() {
  stopping_ = true;
  for (std::thread& client : clients_)
    if (client.joinable()) client.join();
  return result_;
}

void Load::count(std::size_t client, const std::string& wrong, milliseconds took) {
  const std::lock_guard lock(mutex_);
  ++done_by_each_[client];
  ++result_.requests;
  result_.longest = std::max(result_.longest, took);
  if (wrong.empty()) return;
  ++result_.failed[wrong];
  if (result_.last.size() == kMostTold) result_.last.erase(result_.last.begin());
  result_.last.push_back({std::chrono::system_clock::now(), took, wrong});
}

void Load::run(std::size_t client) {
  const std::string request = request_of(plan_);
  Fd socket;
  while (!stopping_) {
    const auto begin = Clock::now();
    std::string wrong;
    bool closes = !plan_.keep_alive;
    if (!socket && !(socket = connect_to(plan_.port)))
      wrong = "connecting: " + error_word();
    else
      wrong = exchange(socket.get(), request, closes);
    if (closes || !wrong.empty()) socket.reset();
    count(client, wrong, std::chrono::duration_cast<milliseconds>(Clock::now() - begin));
    std::this_thread::sleep_for(plan_.pause);
  }
}

}  // namespace podvisor
