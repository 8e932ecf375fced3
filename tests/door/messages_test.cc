// What clients get who do not keep to the rules: an answer of the door's own, and nothing of theirs
// reaches a pod.
#include "door/door_fixture.h"

namespace podvisor::door {
namespace {

struct Messages : DoorFixture {
  Messages() {
    listener_.head_timeout = std::chrono::milliseconds(200);
    listener_.max_head = 4096;
  }
  std::atomic<int> reached{0};
  Backend backend{[this](Connection& connection) {
    while (!connection.read_request().empty()) {
      ++reached;
      if (!connection.send(ok("a"))) return;
    }
  }};
  void begin() {
    serve();
    endpoints({at("a", backend)});
  }
  int status_for(const std::string& bytes) {
    TestClient client(port_);
    EXPECT_TRUE(client.send(bytes));
    const Answer answer = client.read_answer();
    EXPECT_EQ(client.read_to_end(), "") << "more than one answer to " << bytes;
    EXPECT_FALSE(client.was_reset()) << bytes;
    return answer.status;
  }
};

TEST_F(Messages, AmbiguousOnesAreRefusedAndReachNobody) {
  begin();
  const std::string smuggled = "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
  const struct {
    std::string bytes;
    int status;
  } cases[] = {
      {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n" +
           smuggled,
       400},
      {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n" +
           smuggled,
       400},
      {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400},
      {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n" + smuggled, 501},
      {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\r\n chunked\r\n\r\n" + smuggled, 400},
      {"GET / HTTP/1.1\nHost: x\n\n", 400},
      {"GET / HTTP/1.1\r\nHost : x\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\n\r\n", 400},
      {"GET / HTTP/3.0\r\nHost: x\r\n\r\n", 505},
      {"CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n", 405},
      {"GET / HTTP/1.1\r\nHost: x\r\nCookie: " + std::string(5000, 'x') + "\r\n\r\n", 431},
  };
  for (const auto& one : cases) EXPECT_EQ(status_for(one.bytes), one.status) << one.bytes;
  EXPECT_EQ(reached, 0);
  EXPECT_EQ(failures(), 0U);
}

TEST_F(Messages, ABadChunkEndsTheRequestAtItsEndpointToo) {
  std::atomic<bool> whole{false};
  std::atomic<bool> ended{false};
  Backend careful([&](Connection& connection) {
    std::string all;
    for (std::string more; !(more = connection.read_some()).empty();) all += more;
    whole = all.find("0\r\n\r\n") != std::string::npos;
    ended = true;
  });
  serve();
  endpoints({at("a", careful)});
  TestClient client(port_);
  ASSERT_TRUE(client.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"));
  ASSERT_TRUE(turn_until([&] { return careful.connections() == 1; }));
  ASSERT_TRUE(client.send("zz\r\n0\r\n\r\n"));
  EXPECT_EQ(client.read_answer().status, 400);
  EXPECT_TRUE(turn_until([&] { return ended.load(); }));
  EXPECT_FALSE(whole);
}

TEST_F(Messages, AnEndlessChunkLineIsRefused) {
  begin();
  TestClient client(port_);
  ASSERT_TRUE(client.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5;"));
  (void)client.send(std::string(100'000, 'a'));
  EXPECT_EQ(client.read_answer().status, 400);
}

TEST_F(Messages, ASlowHeadIsGivenUpHoweverRegularlyItDrips) {
  begin();
  TestClient client(port_);
  const std::string head = "GET / HTTP/1.1\r\nHost: x\r\nX: ";
  ASSERT_TRUE(client.send(head));
  while (client.nothing_comes(20) && client.send("y")) {
  }
  EXPECT_EQ(client.read_answer().status, 408);
  EXPECT_EQ(reached, 0);
}

TEST_F(Messages, AnIdleClientIsClosedWithoutAWord) {
  listener_.idle_timeout = std::chrono::milliseconds(50);
  begin();
  TestClient client(port_);
  EXPECT_EQ(client.get().status, 200);
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_FALSE(client.was_reset());
}

TEST_F(Messages, EmptyLinesBeforeARequestAreSkipped) {
  begin();
  TestClient client(port_);
  ASSERT_TRUE(client.send(
      "\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n"));
  EXPECT_EQ(client.read_answer().status, 200);
  EXPECT_EQ(client.read_answer().status, 200);
}

TEST_F(Messages, AClientThatLeavesWithinItsRequestIsForgotten) {
  begin();
  {
    TestClient client(port_);
    ASSERT_TRUE(client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf"));
    ASSERT_TRUE(turn_until([&] { return counters().in_flight == 1; }));
  }
  EXPECT_TRUE(turn_until([&] { return board_->connections() == 0; }));
  EXPECT_EQ(counters().in_flight, 0U);
  EXPECT_EQ(reached, 0);
}

}  // namespace
}  // namespace podvisor::door
