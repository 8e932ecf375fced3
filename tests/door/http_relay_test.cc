// What passes through the door in http mode, and how.
#include <future>

#include "door/door_fixture.h"

namespace podvisor::door {
namespace {

using HttpRelay = DoorFixture;

/// Answers each request with its own bytes.
void echo_requests(Connection& connection) {
  for (;;) {
    const std::string request = connection.read_request();
    if (request.empty() || !connection.send(ok(request))) return;
  }
}

TEST_F(HttpRelay, ARequestPassesByteForByte) {
  Backend backend(echo_requests);
  serve();
  endpoints({at("a", backend)});
  const std::string request =
      "POST /%7e/?a=b HTTP/1.1\r\nhOsT: x\r\nX-Odd:  two \r\nContent-Length: 5\r\n\r\nhello";
  TestClient client(port_);
  ASSERT_TRUE(client.send(request));
  const Answer answer = client.read_answer();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, request);
}

TEST_F(HttpRelay, KeptAliveConnectionsAreKeptOnBothSides) {
  Backend backend(echo_requests);
  serve();
  endpoints({at("a", backend)});
  TestClient client(port_);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(client.get().status, 200);
  EXPECT_EQ(backend.connections(), 1);
  EXPECT_TRUE(turn_until([&] { return counters().requests[200] == 20; }));
  EXPECT_EQ(counters().connections, 1U);
}

TEST_F(HttpRelay, AClientStaysWithAffinityOnEveryConnection) {
  Backend a(named("a"));
  Backend b(named("b"));
  listener_.session_affinity = true;
  serve();
  endpoints({at("a", a), at("b", b)});
  TestClient first(port_);
  const std::string home = first.get().body;
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(first.get().body, home);
    EXPECT_EQ(TestClient(port_).get().body, home);
  }
}

TEST_F(HttpRelay, PipelinedRequestsAreAnsweredInOrder) {
  Backend backend(echo_requests);
  serve();
  endpoints({at("a", backend)});
  TestClient client(port_);
  std::string all;
  for (int i = 0; i < 10; ++i) all += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n";
  ASSERT_TRUE(client.send(all));
  for (int i = 0; i < 10; ++i)
    EXPECT_NE(client.read_answer().body.find("GET /" + std::to_string(i) + " "), std::string::npos);
}

TEST_F(HttpRelay, ARequestMayComeByteByByte) {
  Backend backend(echo_requests);
  serve();
  endpoints({at("a", backend)});
  const std::string request =
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nT: "
      "u\r\n\r\n";
  Backend raw([](Connection& connection) {
    std::string all;
    while (!all.ends_with("T: u\r\n\r\n")) {
      const std::string more = connection.read_some();
      if (more.empty()) return;
      all += more;
    }
    connection.send(ok(all));
  });
  endpoints({at("b", raw)});
  TestClient client(port_);
  for (const char byte : request) ASSERT_TRUE(client.send(std::string(1, byte)));
  EXPECT_EQ(client.read_answer().body, request);
}

TEST_F(HttpRelay, LargeBodiesStreamBothWays) {
  const std::string body(8UL << 20, 'x');
  Backend backend(echo_requests);
  serve();
  endpoints({at("a", backend)});
  TestClient client(port_);
  const std::string head =
      "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  std::thread sender([&] { client.send(head + body); });
  const Answer answer = client.read_answer();
  sender.join();
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.body == head + body);
}

TEST_F(HttpRelay, ALongBodyIsFollowedByTheNextAnswerOnTheSameConnections) {
  std::string body(3UL << 20, 'x');
  for (std::size_t i = 0; i < body.size(); i += 1024) body[i] = static_cast<char>(i >> 10);
  Backend backend([&](Connection& connection) {
    while (!connection.read_request().empty())
      if (!connection.send(ok(body))) return;
  });
  serve();
  endpoints({at("a", backend)});
  TestClient client(port_);
  const std::string get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  ASSERT_TRUE(client.send(get + get + get));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(client.read_answer().body == body);
  EXPECT_EQ(backend.connections(), 1);
}

TEST_F(HttpRelay, ALongBodyThatIsCutShortIsNoOrderlyEnd) {
  Backend backend([](Connection& connection) {
    (void)connection.read_request();
    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n" +
                    std::string(3'000'000, 'x'));
  });
  serve();
  endpoints({at("a", backend)});
  TestClient client(port_);
  EXPECT_TRUE(client.get().closed);
  EXPECT_TRUE(client.was_reset());
}

TEST_F(HttpRelay, AClientThatLeavesWithinALongBodyEndsIt) {
  std::promise<void> ended;
  Backend backend([&](Connection& connection) {
    (void)connection.read_request();
    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 900000000\r\n\r\n");
    while (connection.send(std::string(100'000, 'x'))) {
    }
    ended.set_value();
  });
  serve();
  endpoints({at("a", backend)});
  TestClient client(port_);
  ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
  EXPECT_EQ(client.read_exactly(1'000'000).size(), 1'000'000U);
  client.close();
  EXPECT_EQ(ended.get_future().wait_for(std::chrono::seconds(5)), std::future_status::ready);
  EXPECT_TRUE(turn_until([&] { return board_->connections() == 0; }));
}

TEST_F(HttpRelay, AChunkedAnswerStreamsAsItComes) {
  std::promise<void> seen_first;
  Backend backend([&](Connection& connection) {
    (void)connection.read_request();
    connection.send(
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        "8\r\ndata: 1\n\r\n");
    seen_first.get_future().wait();
    connection.send("8\r\ndata: 2\n\r\n0\r\n\r\n");
  });
  serve();
  endpoints({at("a", backend)});
  TestClient client(port_);
  ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
  const std::string first =
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
      "8\r\ndata: 1\n\r\n";
  EXPECT_EQ(client.read_exactly(first.size()), first);  // before the backend has said the rest
  seen_first.set_value();
  const std::string rest = "8\r\ndata: 2\n\r\n0\r\n\r\n";
  EXPECT_EQ(client.read_exactly(rest.size()), rest);
}

TEST_F(HttpRelay, HeadAnd204And304HaveNoBody) {
  Backend backend([](Connection& connection) {
    for (;;) {
      const std::string request = connection.read_request();
      if (request.empty()) return;
      if (request.starts_with("HEAD"))
        connection.send("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n");
      if (request.starts_with("GET /204")) connection.send("HTTP/1.1 204 No Content\r\n\r\n");
      if (request.starts_with("GET /304"))
        connection.send("HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n");
      if (request.starts_with("GET /200")) connection.send(ok("end"));
    }
  });
  serve();
  endpoints({at("a", backend)});
  TestClient client(port_);
  ASSERT_TRUE(client.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n"));
  EXPECT_EQ(client.read_answer(true).status, 200);
  EXPECT_EQ(client.get("/204").status, 204);
  EXPECT_EQ(client.get("/304").status, 304);
  EXPECT_EQ(client.get("/200").body, "end");
  EXPECT_EQ(backend.connections(), 1);
}

TEST_F(HttpRelay, A100ContinueReachesTheClientBeforeTheBody) {
  Backend backend([](Connection& connection) {
    std::string head;
    while (head.find("\r\n\r\n") == std::string::npos) {
      const std::string more = connection.read_some();
      if (more.empty()) return;
      head += more;
    }
    connection.send("HTTP/1.1 100 Continue\r\n\r\n");
    connection.send(ok(connection.read_exactly(5)));
  });
  serve();
  endpoints({at("a", backend)});
  TestClient client(port_);
  ASSERT_TRUE(client.send(
      "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"));
  EXPECT_EQ(client.read_answer().status, 100);
  ASSERT_TRUE(client.send("hello"));
  EXPECT_EQ(client.read_answer().body, "hello");
}

TEST_F(HttpRelay, AnAnswerThatEndsWithTheConnectionEndsTheClientsToo) {
  Backend backend([](Connection& connection) {
    (void)connection.read_request();
    connection.send("HTTP/1.1 200 OK\r\n\r\nuntil the end");
  });
  serve();
  endpoints({at("a", backend)});
  TestClient client(port_);
  const Answer answer = client.get();
  EXPECT_EQ(answer.body, "until the end");
  EXPECT_FALSE(answer.reset);
  EXPECT_NE(answer.head.find("Connection: close"), std::string::npos);
}

TEST_F(HttpRelay, AnAnswerThatIsCutShortIsNoOrderlyEnd) {
  Backend backend([](Connection& connection) {
    (void)connection.read_request();
    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
  });
  serve();
  endpoints({at("a", backend)});
  TestClient client(port_);
  const Answer answer = client.get();
  EXPECT_TRUE(answer.closed);
  EXPECT_TRUE(client.was_reset());
  EXPECT_TRUE(turn_until([&] { return failed(DoorFailure::Truncated) == 1; }));
}

TEST_F(HttpRelay, AClientThatAsksToCloseIsClosedAndItsEndpointIsNot) {
  Backend backend(named("a"));
  serve();
  endpoints({at("a", backend)});
  for (int i = 0; i < 3; ++i) {
    TestClient client(port_);
    ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
    const Answer answer = client.read_answer();
    EXPECT_EQ(answer.body, "a");
    EXPECT_NE(answer.head.find("Connection: close"), std::string::npos);
    EXPECT_EQ(client.read_to_end(), "");
  }
  EXPECT_LE(backend.connections(), static_cast<int>(kWorkers));
}

TEST_F(HttpRelay, AnOldClientIsServedAndClosed) {
  Backend backend(named("a"));
  serve();
  endpoints({at("a", backend)});
  TestClient client(port_);
  ASSERT_TRUE(client.send("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_EQ(client.read_answer().body, "a");
  EXPECT_EQ(client.read_to_end(), "");
}

TEST_F(HttpRelay, AHalfClosedClientGetsItsAnswer) {
  Backend backend(named("a"));
  serve();
  endpoints({at("a", backend)});
  TestClient client(port_);
  ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
  client.close_for_writing();
  EXPECT_EQ(client.read_answer().body, "a");
  EXPECT_EQ(client.read_to_end(), "");
}

TEST_F(HttpRelay, AHalfClosedClientGetsAllAnswersToWhatItPipelined) {
  Backend backend(named("a"));
  serve();
  endpoints({at("a", backend)});
  TestClient client(port_);
  const std::string get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  ASSERT_TRUE(client.send(get + get + get + "GET / HT"));
  client.close_for_writing();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client.read_answer().body, "a");
  EXPECT_EQ(client.read_to_end(), "");
}

TEST_F(HttpRelay, AnEarlyAnswerLeavesTheConnectionUsable) {
  Backend backend([](Connection& connection) {
    (void)connection.read_some();
    connection.send("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    while (!connection.read_some().empty()) {
    }
  });
  Backend second(named("b"));
  serve();
  endpoints({at("a", backend)});
  TestClient client(port_);
  const std::string body(300'000, 'x');
  ASSERT_TRUE(client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 300000\r\n\r\n"));
  EXPECT_EQ(client.read_answer().status, 413);
  endpoints({at("b", second)});
  ASSERT_TRUE(client.send(body));
  EXPECT_EQ(client.get().body, "b");
}

TEST_F(HttpRelay, ForwardedHeadersAreAddedWhereAskedFor) {
  Backend backend(echo_requests);
  listener_.forwarded_headers = true;
  serve();
  endpoints({at("a", backend)});
  TestClient client(port_);
  EXPECT_EQ(client.get().body,
            "GET / HTTP/1.1\r\nHost: test\r\nX-Forwarded-For: 127.0.0.1\r\n"
            "X-Forwarded-Proto: http\r\n\r\n");
}

TEST_F(HttpRelay, UpgradedConnectionsAreRelayed) {
  Backend backend([](Connection& connection) {
    (void)connection.read_request();
    connection.send(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
    for (;;) {
      const std::string bytes = connection.read_some();
      if (bytes.empty()) return;
      connection.send("<" + bytes + ">");
    }
  });
  serve();
  endpoints({at("a", backend)});
  TestClient client(port_);
  ASSERT_TRUE(
      client.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n"
                  "Upgrade: websocket\r\n\r\n"));
  EXPECT_EQ(client.read_answer().status, 101);
  ASSERT_TRUE(client.send("ping"));
  EXPECT_EQ(client.read_exactly(6), "<ping>");
  EXPECT_TRUE(turn_until([&] { return counters().upgraded == 1; }));
  EXPECT_EQ(counters().in_flight, 0U);
}

TEST_F(HttpRelay, WhatIsNotHttpIsRelayedAsItIs) {
  Backend backend([](Connection& connection) {
    const std::string bytes = connection.read_some();
    connection.send("you said " + bytes);
  });
  serve();
  endpoints({at("a", backend)});
  const std::string preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  for (const std::string& bytes : {preface, std::string("\x16\x03\x01 hello")}) {
    TestClient client(port_);
    ASSERT_TRUE(client.send(bytes));
    EXPECT_EQ(client.read_to_end(), "you said " + bytes);
  }
}

TEST_F(HttpRelay, OnlyTheFirstMessageMayBeAnythingElse) {
  Backend backend(named("a"));
  serve();
  endpoints({at("a", backend)});
  TestClient client(port_);
  EXPECT_EQ(client.get().status, 200);
  ASSERT_TRUE(client.send("\x16\x03\x01 no http\r\n\r\n"));
  EXPECT_EQ(client.read_answer().status, 400);
}

}  // namespace
}  // namespace podvisor::door
