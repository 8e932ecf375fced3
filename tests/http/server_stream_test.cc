#include <gmock/gmock.h>

#include <memory>
#include <vector>

#include "http/server_fixture.h"

namespace podvisor {
namespace {

struct HttpServerStream : ServerFixture {
  void serve_stream(std::string head = {}, HttpLimits limits = {}) {
    serve(
        [this, head](const HttpRequest&) {
          return HttpStreaming{"text/plain", head, [this](std::shared_ptr<HttpStream> started) {
                                 stream = std::move(started);
                                 stream->on_close([this] { ++closed; });
                               }};
        },
        limits);
  }
  RawClient watcher() {
    auto c = client();
    c.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_TRUE(c.wait_for("\r\n\r\n"));
    return c;
  }
  bool wait_for_closed() {
    return turn_until(loop, [this] { return closed > 0; });
  }

  std::shared_ptr<HttpStream> stream;
  int closed = 0;
};

TEST_F(HttpServerStream, SendsTheHeadersBeforeThereIsAnythingToSay) {
  serve_stream();
  const auto c = watcher();
  EXPECT_EQ(c.status(), 200);
  EXPECT_EQ(c.body(), "");
  EXPECT_EQ(c.header("Transfer-Encoding"), "chunked");
}

TEST_F(HttpServerStream, EachPieceArrivesWhenItIsWritten) {
  serve_stream("head\n");
  auto c = watcher();
  ASSERT_TRUE(c.wait_for("head\n"));
  for (const char* piece : {"one\n", "two\n", "three\n"}) {
    stream->write(piece);
    ASSERT_TRUE(c.wait_for(piece));
  }
  stream->end();
  ASSERT_TRUE(c.wait_for_answer());
  EXPECT_EQ(c.body(), "head\none\ntwo\nthree\n");
  EXPECT_TRUE(wait_for_closed());
  EXPECT_EQ(closed, 1);
}

TEST_F(HttpServerStream, AConnectionOutlivesItsStream) {
  serve_stream();
  auto c = watcher();
  stream->end();
  ASSERT_TRUE(c.wait_for_answer());
  c.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(turn_until(loop, [&] { return !stream->ended(); }));
  EXPECT_EQ(closed, 1);
}

TEST_F(HttpServerStream, AClientThatLeavesIsNoticedWhileNothingIsWritten) {
  serve_stream();
  auto c = watcher();
  c.close();
  EXPECT_TRUE(wait_for_closed());
  EXPECT_EQ(closed, 1);
  stream->write("nobody is there");
  EXPECT_EQ(stream->pending(), 0u);
}

TEST_F(HttpServerStream, AClientThatLeavesOverTcpIsNoticedToo) {
  auto listening = listen_tcp("127.0.0.1:0");
  ASSERT_TRUE(listening);
  const auto port = bound_port(listening->get());
  auto started = HttpServer::start(loop, std::move(*listening), [this](const HttpRequest&) {
    return HttpStreaming{"text/plain", "head", [this](const std::shared_ptr<HttpStream>& s) {
                           s->on_close([this] { ++closed; });
                         }};
  });
  ASSERT_TRUE(started);
  RawClient c(loop, *port);
  c.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_TRUE(c.wait_for("head"));
  c.close();
  EXPECT_TRUE(wait_for_closed());
}

TEST_F(HttpServerStream, ASlowReaderIsCutOffAndNobodyWaitsForIt) {
  HttpLimits limits;
  limits.max_pending = 100'000;
  serve_stream({}, limits);
  auto c = watcher();
  const std::string piece(10'000, 'x');
  int written = 0;
  // The kernel's buffers come on top of what may be pending.
  EXPECT_TRUE(turn_until(loop, [&] {
    stream->write(piece);
    return ++written, stream->ended();
  }));
  EXPECT_GT(written, 10);
  EXPECT_TRUE(wait_for_closed());
  EXPECT_EQ(closed, 1);
  EXPECT_EQ(stream->pending(), 0u);
  EXPECT_TRUE(c.wait_for_close());
}

TEST_F(HttpServerStream, ALongHeadReachesASteadyReader) {
  HttpLimits limits;
  limits.max_pending = 1000;
  serve_stream(std::string(3'000'000, 'h'), limits);
  auto c = watcher();
  stream->write("tail");
  stream->end();
  ASSERT_TRUE(c.wait_for_answer());
  EXPECT_EQ(c.body(), std::string(3'000'000, 'h') + "tail");
}

TEST_F(HttpServerStream, AProducerIsAskedAsTheReaderTakes) {
  int asked = 0;
  serve([&](const HttpRequest&) {
    return HttpStreaming{"text/plain", {}, [&](const std::shared_ptr<HttpStream>& s) {
                           // Not the pointer: the stream would own itself until it is closed.
                           s->on_drain([&, raw = s.get()] {
                             if (++asked > 200) return raw->end();
                             raw->write(std::string(64 * 1024, 'p'));
                           });
                         }};
  });
  auto c = client();
  EXPECT_EQ(c.get("/"), 200);
  EXPECT_EQ(c.body().size(), 200u * 64 * 1024);
}

TEST_F(HttpServerStream, AStreamIsNotHurriedByTheDeadlinesOfAnswers) {
  HttpLimits limits;
  limits.request_time = limits.response_time = std::chrono::milliseconds(20);
  serve_stream({}, limits);
  auto c = watcher();
  auto idle = client();
  ASSERT_TRUE(idle.wait_for_close());  // so the deadline is over for the stream as well
  auto later = client();
  ASSERT_TRUE(later.wait_for_close());
  stream->write("still here");
  EXPECT_TRUE(c.wait_for("still here"));
}

TEST_F(HttpServerStream, DestroyingTheServerClosesIdleAndBusyStreams) {
  serve_stream();
  auto idle = watcher();
  auto idle_stream = stream;
  auto busy = watcher();
  stream->write(std::string(900'000, 'x'));
  server.reset();
  EXPECT_EQ(closed, 2);
  EXPECT_TRUE(idle_stream->ended());
  EXPECT_TRUE(idle.wait_for_close());
}

TEST_F(HttpServerStream, HeadOfAStreamEndsAtOnce) {
  serve_stream();
  auto c = client();
  c.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_TRUE(c.wait_for("\r\n\r\n"));
  EXPECT_TRUE(wait_for_closed());
}

TEST_F(HttpServerStream, ManyStreamsOfOneProducer) {
  std::vector<std::shared_ptr<HttpStream>> streams;
  serve([&](const HttpRequest&) {
    return HttpStreaming{"text/plain", {}, [&](std::shared_ptr<HttpStream> s) {
                           s->on_close([this] { ++closed; });
                           streams.push_back(std::move(s));
                         }};
  });
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 100; ++i) {
    clients.push_back(std::make_unique<RawClient>(loop, path));
    clients.back()->send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  }
  ASSERT_TRUE(turn_until(loop, [&] { return streams.size() == 100; }));
  for (int round = 0; round < 5; ++round)
    for (const auto& s : streams) s->write("round " + std::to_string(round) + "\n");
  for (const auto& c : clients) EXPECT_TRUE(c->wait_for("round 4\n"));
  clients.clear();
  EXPECT_TRUE(turn_until(loop, [this] { return closed == 100; }));
}

}  // namespace
}  // namespace podvisor
