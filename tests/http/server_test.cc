#include "http/server.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <memory>
#include <optional>
#include <vector>

#include "http/server_fixture.h"

namespace podvisor {
namespace {

using testing::HasSubstr;

HttpResponse text(std::string body) {
  HttpResponse response;
  response.body = std::move(body);
  return response;
}

struct HttpServerTest : ServerFixture {
  /// Answers with what it was asked, and keeps it.
  void serve_echo(HttpLimits limits = {}) {
    serve(
        [this](const HttpRequest& request) {
          requests.push_back(request);
          return text(request.method + " " + request.path + " " + request.body);
        },
        limits);
  }
  std::vector<HttpRequest> requests;
};

TEST_F(HttpServerTest, AnswersARequest) {
  serve_echo();
  auto c = client();
  EXPECT_EQ(c.get("/hello%20world?a=b"), 200);
  EXPECT_EQ(c.body(), "GET /hello world ");
  EXPECT_EQ(c.header("Content-Type"), "text/plain; charset=utf-8");
  ASSERT_EQ(requests.size(), 1u);
  EXPECT_EQ(requests[0].parameter("a"), "b");
  EXPECT_EQ(requests[0].headers.at("host"), "localhost");
  EXPECT_EQ(requests[0].peer_uid, ::geteuid());
}

TEST_F(HttpServerTest, KeepsTheConnectionForTheNextRequest) {
  serve_echo();
  auto c = client();
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(c.get("/" + std::to_string(i)), 200);
    EXPECT_EQ(c.body(), "GET /" + std::to_string(i) + " ");
  }
  EXPECT_FALSE(c.closed());
}

TEST_F(HttpServerTest, HeadHasNoBody) {
  serve_echo();
  auto c = client();
  c.send("HEAD /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  ASSERT_TRUE(c.wait_for_close());
  EXPECT_EQ(c.status(), 200);
  EXPECT_EQ(c.body(), "");
}

TEST_F(HttpServerTest, TakesABodyUpToTheLimit) {
  HttpLimits limits;
  limits.max_body = 100'000;
  serve_echo(limits);
  auto c = client();
  const std::string body(100'000, 'b');
  EXPECT_EQ(c.request("POST /x HTTP/1.1", body), 200);
  EXPECT_EQ(c.body(), "POST /x " + body);
}

TEST_F(HttpServerTest, RefusesALongerBodyBeforeReadingIt) {
  HttpLimits limits;
  limits.max_body = 100;
  serve_echo(limits);
  auto c = client();
  c.send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999999\r\n\r\n");
  ASSERT_TRUE(c.wait_for_answer());
  EXPECT_EQ(c.status(), 413);
  EXPECT_TRUE(requests.empty());
}

TEST_F(HttpServerTest, RefusesALongerBodyOfUnknownLength) {
  HttpLimits limits;
  limits.max_body = 100;
  serve_echo(limits);
  auto c = client();
  c.send("POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 3; ++i) c.send("40\r\n" + std::string(64, 'x') + "\r\n");
  c.send("0\r\n\r\n");
  ASSERT_TRUE(c.wait_for_answer());
  EXPECT_EQ(c.status(), 413);
  EXPECT_TRUE(requests.empty());
}

TEST_F(HttpServerTest, AnswersOverTcpWithoutAPeerUid) {
  auto listening = listen_tcp("127.0.0.1:0");
  ASSERT_TRUE(listening);
  const auto port = bound_port(listening->get());
  std::optional<uid_t> uid = 1;
  auto started = HttpServer::start(loop, std::move(*listening), [&](const HttpRequest& request) {
    uid = request.peer_uid;
    return text("over TCP");
  });
  ASSERT_TRUE(started);
  RawClient c(loop, *port);
  EXPECT_EQ(c.get("/"), 200);
  EXPECT_EQ(c.body(), "over TCP");
  EXPECT_EQ(uid, std::nullopt);
}

TEST_F(HttpServerTest, AHundredClientsAtOnceAreAllAnswered) {
  serve([](const HttpRequest& request) { return text(request.path + std::string(200'000, '.')); });
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 100; ++i) {
    clients.push_back(std::make_unique<RawClient>(loop, path));
    clients.back()->send("GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\n\r\n");
  }
  for (std::size_t i = 0; i < clients.size(); ++i) {
    ASSERT_TRUE(clients[i]->wait_for_answer()) << i;
    const std::string name = "/" + std::to_string(i) + ".";
    EXPECT_EQ(clients[i]->body().substr(0, name.size()), name);
    EXPECT_EQ(clients[i]->body().size(), 200'000 + name.size() - 1);
  }
}

TEST_F(HttpServerTest, ConnectionsBeyondTheLimitWaitForTheirTurn) {
  HttpLimits limits;
  limits.max_connections = 3;
  serve_echo(limits);
  std::vector<std::unique_ptr<RawClient>> idle;
  for (int i = 0; i < 3; ++i) {
    idle.push_back(std::make_unique<RawClient>(loop, path));
    EXPECT_EQ(idle.back()->get("/"), 200);
  }
  auto late = client();
  late.send("GET /late HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(idle[0]->get("/again"), 200);
  EXPECT_EQ(requests.back().path, "/again");
  idle[1]->close();
  EXPECT_TRUE(late.wait_for_answer());
  EXPECT_EQ(late.status(), 200);
}

TEST_F(HttpServerTest, AnUnfinishedRequestIsCutOffHoweverSteadilyItDrips) {
  HttpLimits limits;
  limits.request_time = std::chrono::milliseconds(50);
  serve_echo(limits);
  auto c = client();
  c.send("GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ");
  EXPECT_TRUE(turn_until(loop, [&] { return !c.send("z") || c.closed(); }));
  EXPECT_TRUE(requests.empty());
}

TEST_F(HttpServerTest, AnIdleConnectionIsClosed) {
  HttpLimits limits;
  limits.request_time = std::chrono::milliseconds(50);
  serve_echo(limits);
  auto silent = client();
  auto kept_alive = client();
  EXPECT_EQ(kept_alive.get("/"), 200);
  EXPECT_TRUE(silent.wait_for_close());
  EXPECT_TRUE(kept_alive.wait_for_close());
}

TEST_F(HttpServerTest, AnAnswerThatIsNotTakenIsCutOff) {
  HttpLimits limits;
  limits.response_time = std::chrono::milliseconds(50);
  serve([](const HttpRequest&) { return text(std::string(8'000'000, 'x')); }, limits);
  auto c = client();
  ASSERT_TRUE(c.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
  // It never reads; that it has been hung up on shows when it sends.
  EXPECT_TRUE(turn_until(loop, [&] { return !c.send("z"); }));
}

TEST_F(HttpServerTest, DestroyingItCutsEveryConnection) {
  serve_echo();
  auto idle = client();
  EXPECT_EQ(idle.get("/"), 200);
  auto half = client();
  half.send("GET / HTTP");
  server.reset();
  EXPECT_TRUE(idle.wait_for_close());
  EXPECT_TRUE(half.wait_for_close());
}

struct Garbage : HttpServerTest, testing::WithParamInterface<std::string> {};

TEST_P(Garbage, IsRefusedAndTheServerGoesOn) {
  HttpLimits limits;
  limits.request_time = std::chrono::milliseconds(50);  // ends what never becomes a request
  serve_echo(limits);
  auto c = client();
  c.send(GetParam());
  c.close_for_writing();
  ASSERT_TRUE(c.wait_for_close());
  if (!c.received().empty()) {
    EXPECT_GE(c.status(), 400);
  }
  EXPECT_TRUE(requests.empty());
  auto next = client();
  EXPECT_EQ(next.get("/next"), 200);
}

INSTANTIATE_TEST_SUITE_P(
    HttpServer, Garbage,
    testing::Values(
        std::string("GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n"),
        std::string("GET /a%zz HTTP/1.1\r\nHost: a\r\n\r\n"),
        std::string("GET /a?b=%0d%0a HTTP/1.1\r\nHost: a\r\n\r\n"),
        std::string("GET a HTTP/1.1\r\nHost: a\r\n\r\n"), std::string("GET / HTTP/1.1\r\n\r\n"),
        std::string("GET / HTTP/9.9\r\nHost: a\r\n\r\n"),
        std::string("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n"),
        std::string("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n"),
        std::string("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        "GET /" + std::string(100'000, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(100'000, 'a') + "\r\n\r\n",
        std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11), std::string("\0\0\0\0", 4),
        std::string(100'000, '\n'), std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        std::string(" ")));

}  // namespace
}  // namespace podvisor
