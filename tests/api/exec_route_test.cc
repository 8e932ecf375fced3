#include <csignal>

#include "api/server_fixture.h"
#include "http/websocket.h"
#include "podvisor/exec_channel.h"

namespace podvisor {
namespace {

using websocket::Opcode;

constexpr const char* kPath = "/api/v1/namespaces/default/pods/web/exec";

/// The client's side of an exec.
class ExecClient {
 public:
  ExecClient(Loop& loop, const std::string& socket) : client_(loop, socket) {}

  int open(const std::string& query, const std::string& protocol = "v5.channel.k8s.io",
           const std::string& early = "") {
    client_.send(std::string("GET ") + kPath + query +
                 " HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
                 "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                 "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: " +
                 protocol + "\r\n\r\n" + early);
    EXPECT_TRUE(client_.wait_for("\r\n\r\n"));
    taken_ = client_.received().find("\r\n\r\n") + 4;
    return client_.status();
  }
  static std::string message(ExecChannel channel, const std::string& data) {
    return websocket::frame(Opcode::Binary, std::string(1, static_cast<char>(channel)) + data,
                            0x01020304U);
  }
  void say(ExecChannel channel, const std::string& data) { client_.send(message(channel, data)); }
  void send(const std::string& raw) { client_.send(raw); }
  /// Until the server hangs up; what came on a channel.
  void read_all() {
    EXPECT_TRUE(client_.wait_for_close());
    reader_.feed(client_.received().substr(taken_));
    while (auto got = reader_.next()) {
      if (got->opcode == Opcode::Close) closed = true;
      if (got->opcode == Opcode::Pong) pong = got->payload;
      if (got->opcode == Opcode::Binary) channels[got->payload.at(0)] += got->payload.substr(1);
    }
  }
  bool wait_for(const std::string& text) { return client_.wait_for(text); }
  void hang_up() { client_.close(); }
  RawClient& raw() { return client_; }

  std::map<char, std::string> channels;
  std::string pong;
  bool closed = false;

 private:
  RawClient client_;
  std::size_t taken_ = 0;
  websocket::Reader reader_{websocket::Role::Server};
};

struct ExecRouteTest : ApiServerFixture {
  ExecRouteTest() { std::signal(SIGPIPE, SIG_IGN); }

  void SetUp() override { add("web"); }
  std::unique_ptr<ExecClient> exec(const std::string& query) {
    auto opened = std::make_unique<ExecClient>(loop, socket());
    EXPECT_EQ(opened->open(query), 101);
    return opened;
  }
  void write_out(const std::string& text) const {
    EXPECT_EQ(::write(executor.command_out.get(), text.data(), text.size()),
              static_cast<ssize_t>(text.size()));
  }
  /// What the command gets, until it has `size` bytes or the end of file.
  std::string read_in(std::size_t size) {
    std::string got;
    EXPECT_TRUE(turn_until(loop, [&] {
      char block[65536];
      ::fcntl(executor.command_in.get(), F_SETFL, O_NONBLOCK);
      const ssize_t count = ::read(executor.command_in.get(), block, sizeof block);
      if (count > 0) got.append(block, static_cast<std::size_t>(count));
      return count == 0 || got.size() >= size;
    }));
    return got;
  }
  static ExecOutcome exit_code(int code) {
    ExecOutcome outcome;
    outcome.exit_code = code;
    return outcome;
  }
};

TEST_F(ExecRouteTest, SaysWhatItIsAskedFor) {
  const auto client =
      exec("?command=sh&command=-c&command=echo%20hi&stdin=1&tty=true&columns=120&rows=40");
  EXPECT_EQ(executor.asked.argv, (std::vector<std::string>{"sh", "-c", "echo hi"}));
  EXPECT_TRUE(executor.asked.stdin && executor.asked.tty);
  EXPECT_EQ(executor.asked.size.columns, 120);
  EXPECT_EQ(executor.asked.size.rows, 40);
  EXPECT_EQ(client->raw().header("Sec-WebSocket-Accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_EQ(client->raw().header("Sec-WebSocket-Protocol"), "v5.channel.k8s.io");
}

TEST_F(ExecRouteTest, StreamsAndHowItEnded) {
  const auto client = exec("?command=x&stdin=true&stdout=true&stderr=true");
  client->say(ExecChannel::Stdin, "to it");
  EXPECT_EQ(read_in(5), "to it");
  write_out("from it");
  EXPECT_EQ(::write(executor.command_err.get(), "!", 1), 1);
  executor.end(exit_code(3));
  client->read_all();
  EXPECT_EQ(client->channels[1], "from it");
  EXPECT_EQ(client->channels[2], "!");
  EXPECT_NE(client->channels[3].find(R"("message":"3")"), std::string::npos) << client->channels[3];
  EXPECT_TRUE(client->closed);
  EXPECT_TRUE(executor.cancelled.empty());
}

TEST_F(ExecRouteTest, ClosingStdinIsTheCommandsEndOfFile) {
  const auto client = exec("?command=x&stdin=true&stdout=true");
  client->say(ExecChannel::Stdin, "all");
  client->say(ExecChannel::Close, std::string(1, '\0'));
  EXPECT_EQ(read_in(1000), "all");
}

TEST_F(ExecRouteTest, WhatComesWithTheRequestIsNotLost) {
  ExecClient client(loop, socket());
  EXPECT_EQ(client.open("?command=x&stdin=1", "v4.channel.k8s.io",
                        ExecClient::message(ExecChannel::Stdin, "early")),
            101);
  EXPECT_EQ(read_in(5), "early");
}

TEST_F(ExecRouteTest, MoreThanPipesHoldPassesBothWays) {
  const auto client = exec("?command=x&stdin=1&stdout=1");
  std::string text(3'000'000, '\0');
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(i % 251);
  for (std::size_t at = 0; at < text.size(); at += 100'000) {
    client->say(ExecChannel::Stdin, text.substr(at, 100'000));
    EXPECT_EQ(read_in(100'000), text.substr(at, 100'000));
  }
  ::fcntl(executor.command_out.get(), F_SETFL, O_NONBLOCK);
  std::size_t written = 0;
  EXPECT_TRUE(turn_until(loop, [&] {
    const ssize_t size =
        ::write(executor.command_out.get(), text.data() + written, text.size() - written);
    if (size > 0) written += static_cast<std::size_t>(size);
    static_cast<void>(client->raw().received());
    return written == text.size() || !client->wait_for("");
  }));
  executor.end({});
  client->read_all();
  EXPECT_EQ(client->channels[1].size(), text.size());
  EXPECT_TRUE(client->channels[1] == text);
}

TEST_F(ExecRouteTest, AClientThatLeavesTakesTheCommandWithIt) {
  const auto client = exec("?command=x&stdout=1");
  client->hang_up();
  EXPECT_TRUE(turn_until(loop, [&] { return !executor.cancelled.empty(); }));
  EXPECT_EQ(executor.cancelled, std::vector<std::uint64_t>{7});
}

TEST_F(ExecRouteTest, SoDoesOneThatSaysCloseOrNonsense) {
  for (const std::string& last :
       {websocket::close_frame(1000, 5), std::string("nonsense that is no frame")}) {
    executor.cancelled.clear();
    const auto client = exec("?command=x&stdout=1");
    client->send(last);
    EXPECT_TRUE(turn_until(loop, [&] { return !executor.cancelled.empty(); }));
  }
}

TEST_F(ExecRouteTest, PingsAreAnswered) {
  const auto client = exec("?command=x&stdout=1");
  client->send(websocket::frame(Opcode::Ping, "there?", 9));
  EXPECT_TRUE(client->wait_for("there?"));
  executor.end({});
  client->read_all();
  EXPECT_EQ(client->pong, "there?");
}

TEST_F(ExecRouteTest, WhyTheProgramCouldNotRunIsToldOnStderr) {
  const auto client = exec("?command=nope&stdout=1&stderr=1");
  ExecOutcome outcome = exit_code(127);
  outcome.output = "exec: \"nope\": executable file not found in $PATH";
  executor.end(outcome);
  client->read_all();
  EXPECT_EQ(client->channels[2], outcome.output + "\n");
}

TEST_F(ExecRouteTest, TheServersEndIsTheCommandsToo) {
  const auto client = exec("?command=x&stdout=1");
  server.reset();
  EXPECT_EQ(executor.cancelled, std::vector<std::uint64_t>{7});
}

TEST_F(ExecRouteTest, WhatCannotBeIsRefusedBeforeAnythingRuns) {
  const std::string path = kPath;
  EXPECT_NE(get(path + "?stdout=1", 400).at("message").dump().find("at least one command"),
            std::string::npos);
  EXPECT_NE(get(path + "?command=x", 400).at("message").dump().find("at least 1 of"),
            std::string::npos);
  EXPECT_NE(get(path + "?command=x&stdout=1&container=no", 400)
                .at("message")
                .dump()
                .find("container no is not valid"),
            std::string::npos);
  EXPECT_NE(get(path + "?command=x&stdout=1", 400).at("message").dump().find("WebSocket"),
            std::string::npos);
  get("/api/v1/namespaces/default/pods/none/exec?command=x&stdout=1", 404);
  ExecClient other(loop, socket());
  EXPECT_EQ(other.open("?command=x&stdout=1", "v1.channel.k8s.io"), 400);
  executor.failure = Error{"the container is not running"};
  ExecClient failing(loop, socket());
  EXPECT_EQ(failing.open("?command=x&stdout=1"), 500);
  EXPECT_TRUE(executor.asked.argv.empty());
}

}  // namespace
}  // namespace podvisor
