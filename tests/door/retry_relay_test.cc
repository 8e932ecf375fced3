// Requests that come to nothing with one pod and are answered by another.
#include <future>

#include "door/door_fixture.h"
#include "door/retry.h"

namespace podvisor::door {
namespace {

const std::string kPost = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi";

struct RetryRelay : DoorFixture {
  Backend good{named("good")};
};

TEST_F(RetryRelay, DIF3_AnEndpointThatRefusesIsPassedOver) {
  serve();
  DoorEndpoint gone{"gone", {}, EndpointState::Ready, false};
  {
    Backend ended(named("gone"));
    gone.address = ended.address();
  }
  endpoints({gone, at("good", good)});
  TestClient client(port_);
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(client.send(i % 2 == 0 ? kGet : kPost));
    EXPECT_EQ(client.read_answer().body, "good");
  }
  EXPECT_EQ(failures(), 0U);
  EXPECT_GE(counters().retried, 1U);
}

/// Serves one request a connection, and hangs up on the second without a word.
void forgetful(Connection& connection) {
  if (connection.read_request().empty()) return;
  connection.send(ok("once"));
  (void)connection.read_some();  // taken by the program, and not answered
}

TEST_F(RetryRelay, AKeptConnectionThatIsClosedUnderAGetIsNoFailure) {
  Backend backend(forgetful);
  serve();
  endpoints({at("a", backend)});
  TestClient client(port_);
  for (int i = 0; i < 6; ++i) EXPECT_EQ(client.get().body, "once");
  EXPECT_EQ(failures(), 0U);
  EXPECT_GE(counters().retried, 2U);
}

TEST_F(RetryRelay, APostThatWasReadIsNotSentTwice) {
  std::atomic<int> posts{0};
  Backend backend([&](Connection& connection) {
    if (!connection.read_request().empty()) ++posts;
  });
  serve();
  endpoints({at("a", backend), at("good", good, EndpointState::NotReady)});
  TestClient client(port_);
  ASSERT_TRUE(client.send(kPost));
  EXPECT_EQ(client.read_answer().status, 502);
  EXPECT_EQ(posts, 1);
  EXPECT_EQ(failed(DoorFailure::NoAnswer), 1U);
}

TEST_F(RetryRelay, AGetThatKillsWhoeverGetsItIsGivenUp) {
  std::atomic<int> gets{0};
  Backend backend([&](Connection& connection) {
    if (!connection.read_request().empty()) ++gets;
  });
  serve();
  endpoints({at("a", backend)});
  TestClient client(port_);
  ASSERT_TRUE(client.send(kGet));
  EXPECT_EQ(client.read_answer().status, 502);
  EXPECT_EQ(gets, 1 + kMaxResent);
}

TEST_F(RetryRelay, DIF3_A503OfAPodThatIsLeavingIsAskedElsewhere) {
  std::promise<void> left;
  std::promise<void> asked;
  Backend leaving([&](Connection& connection) {
    (void)connection.read_request();
    asked.set_value();
    left.get_future().wait();
    connection.send("HTTP/1.1 503 Stopping\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  });
  serve();
  endpoints({at("leaving", leaving)});
  TestClient client(port_);
  ASSERT_TRUE(client.send(kGet));
  asked.get_future().wait();
  endpoints({at("leaving", leaving, EndpointState::NotReady), at("good", good)});
  left.set_value();
  const Answer answer = client.read_answer();
  EXPECT_EQ(answer.body, "good");
  EXPECT_EQ(client.get().body, "good");  // and the connection goes on
}

TEST_F(RetryRelay, A503OfAReadyPodIsItsAnswer) {
  Backend busy([](Connection& connection) {
    while (!connection.read_request().empty())
      connection.send("HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy");
  });
  serve();
  endpoints({at("busy", busy)});
  TestClient client(port_);
  const Answer answer = client.get();
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.body, "busy");
  EXPECT_EQ(failures(), 0U);
}

TEST_F(RetryRelay, ALargeBodyIsSentAgainAsLongAsItIsAtHand) {
  std::atomic<int> times{0};
  Backend backend([&](Connection& connection) {
    const std::string request = connection.read_request();
    if (++times > 1) connection.send(ok(std::to_string(request.size())));
  });
  serve();
  endpoints({at("a", backend)});
  TestClient client(port_);
  const std::string request =
      "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 50000\r\n\r\n" + std::string(50'000, 'x');
  ASSERT_TRUE(client.send(request));
  EXPECT_EQ(client.read_answer().body, std::to_string(request.size()));
  EXPECT_EQ(times, 2);
}

TEST_F(RetryRelay, NonsenseIsNotAnAnswer) {
  Backend backend([](Connection& connection) {
    (void)connection.read_request();
    connection.send("what?\r\n\r\n");
  });
  serve();
  endpoints({at("a", backend)});
  TestClient client(port_);
  EXPECT_EQ(client.get().status, 502);
  EXPECT_EQ(failed(DoorFailure::BadAnswer), 1U);
}

}  // namespace
}  // namespace podvisor::door
