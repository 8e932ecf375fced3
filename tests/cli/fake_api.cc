#include "cli/fake_api.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cstdlib>
#include <filesystem>

namespace podvisor::cli {
namespace {

std::string make_folder() {
  std::string name = testing::TempDir() + "podvisor-cli-XXXXXX";
  EXPECT_NE(mkdtemp(name.data()), nullptr);
  return name;
}

Fd listen_at(const std::string& path) {
  Fd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  EXPECT_EQ(bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(listen(listener.get(), 16), 0);
  return listener;
}

/// "GET /path" of a request, read to the end of its head.
std::string read_request(int connection) {
  std::string head;
  std::array<char, 4096> buffer{};
  while (head.find("\r\n\r\n") == std::string::npos) {
    const ssize_t got = read(connection, buffer.data(), buffer.size());
    if (got <= 0) return {};
    head.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return head.substr(0, head.find(" HTTP/"));
}

std::string response_text(const Answer& answer) {
  std::string head =
      "HTTP/1.1 " + std::to_string(answer.status) + " x\r\nConnection: close\r\n" + answer.headers;
  if (answer.end == Answer::End::Break)  // a chunk of 4096 bytes that will never come whole
    return head + "Transfer-Encoding: chunked\r\n\r\n1000\r\n" + answer.body;
  return head + "\r\n" + answer.body;
}

}  // namespace

FakeApi::FakeApi()
    : folder_(make_folder()), listener_(listen_at(socket())), stop_(eventfd(0, EFD_CLOEXEC)) {
  thread_ = std::thread([this] { serve(); });
}

FakeApi::~FakeApi() {
  eventfd_write(stop_.get(), 1);
  thread_.join();
  std::filesystem::remove_all(folder_);
}

void FakeApi::on(const std::string& request, Answer answer) {
  const std::lock_guard lock(mutex_);
  answers_[request].push_back(std::move(answer));
}

std::vector<std::string> FakeApi::requests() {
  const std::lock_guard lock(mutex_);
  return requests_;
}

Answer FakeApi::next_answer(const std::string& request) {
  const std::lock_guard lock(mutex_);
  requests_.push_back(request);
  const auto found = answers_.find(request);
  if (found == answers_.end()) return {404, "no answer for this in the script", {}};
  Answer answer = found->second.front();
  if (found->second.size() > 1) found->second.pop_front();
  return answer;
}

void FakeApi::serve() {
  for (;;) {
    std::array<pollfd, 2> fds{pollfd{listener_.get(), POLLIN, 0}, pollfd{stop_.get(), POLLIN, 0}};
    if (poll(fds.data(), fds.size(), -1) < 0 || fds[1].revents != 0) return;
    answer_one(Fd(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)));
  }
}

void FakeApi::answer_one(Fd connection) {
  const std::string request = read_request(connection.get());
  if (request.empty()) return;
  const Answer answer = next_answer(request);
  const std::string text = response_text(answer);
  send(connection.get(), text.data(), text.size(), MSG_NOSIGNAL);
  if (answer.end == Answer::End::StayOpen) open_.push_back(std::move(connection));
}

}  // namespace podvisor::cli
