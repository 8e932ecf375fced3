// A pod's way out: nothing new, and the word to control when nothing is left.
#include <future>

#include "door/door_fixture.h"

namespace podvisor::door {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const std::string kUpgrade =
    "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

/// Answers when it is let.
struct Slow {
  std::promise<void> asked, let;
  Backend backend{[this](Connection& connection) {
    (void)connection.read_request();
    asked.set_value();
    let.get_future().wait();
    connection.send(ok("slow", "Connection: close\r\n"));
  }};
};

void web_socket(Connection& connection) {
  (void)connection.read_request();
  connection.send(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
  for (std::string bytes; !(bytes = connection.read_some()).empty();) connection.send(bytes);
}

struct Drain : DoorFixture {
  Backend other{named("other")};
};

TEST_F(Drain, DIF3_IsOverWhenTheLastRequestIsAnsweredAndNotBefore) {
  Slow old;
  serve();
  endpoints({at("old", old.backend)});
  TestClient client(port_);
  ASSERT_TRUE(client.send(kGet));
  old.asked.get_future().wait();
  endpoints({at("old", old.backend, EndpointState::NotReady), at("other", other)});
  board_->drain("test", "old", {});
  TestClient second(port_);
  EXPECT_EQ(second.get().body, "other");
  EXPECT_FALSE(drained_.contains("old"));
  old.let.set_value();
  const Answer answer = client.read_answer();
  EXPECT_EQ(answer.body, "slow");
  EXPECT_EQ(answer.head.find("Connection: close"), std::string::npos);
  ASSERT_TRUE(drained("old"));
  EXPECT_EQ(drained_["old"], 0U);
  EXPECT_EQ(client.get().body, "other");
  EXPECT_EQ(failures(), 0U);
}

TEST_F(Drain, OfAPodWithNothingUnderWayIsOverAtOnce) {
  serve();
  endpoints({at("other", other)});
  TestClient client(port_);
  EXPECT_EQ(client.get().status, 200);
  board_->drain("test", "other", {});
  EXPECT_TRUE(drained("other"));
  board_->drain("test", "nobody", {});
  EXPECT_TRUE(drained("nobody"));
}

TEST_F(Drain, IdleConnectionsToThePodAreLetGo) {
  std::promise<void> closed;
  Backend old([&](Connection& connection) {
    while (!connection.read_request().empty()) connection.send(ok("old"));
    closed.set_value();
  });
  serve();
  endpoints({at("old", old)});
  TestClient client(port_);
  EXPECT_EQ(client.get().body, "old");
  board_->drain("test", "old", {});
  EXPECT_EQ(closed.get_future().wait_for(seconds(3)), std::future_status::ready);
}

TEST_F(Drain, WhatIsLeftAtTheTimeoutIsCut) {
  Slow old;
  serve();
  endpoints({at("old", old.backend)});
  TestClient client(port_);
  ASSERT_TRUE(client.send(kGet));
  old.asked.get_future().wait();
  board_->drain("test", "old", {milliseconds(60), milliseconds(10)});
  ASSERT_TRUE(drained("old"));
  EXPECT_EQ(drained_["old"], 1U);
  EXPECT_EQ(failed(DoorFailure::DrainTimeout), 1U);
  old.let.set_value();
}

TEST_F(Drain, UpgradedConnectionsSurviveTheSwitchAndEndSpreadOut) {
  Backend old(web_socket);
  serve();
  endpoints({at("old", old)});
  std::vector<std::unique_ptr<TestClient>> clients;
  for (int i = 0; i < 6; ++i) {
    clients.push_back(std::make_unique<TestClient>(port_));
    ASSERT_TRUE(clients.back()->send(kUpgrade));
    ASSERT_EQ(clients.back()->read_answer().status, 101);
  }
  endpoints({at("old", old, EndpointState::NotReady), at("other", other)});
  board_->drain("test", "old", {milliseconds(600), milliseconds(400)});
  for (const auto& client : clients) {  // still there
    ASSERT_TRUE(client->send("ping"));
    EXPECT_EQ(client->read_exactly(4), "ping");
  }
  ASSERT_TRUE(drained("old"));
  EXPECT_EQ(drained_["old"], 0U);
  for (const auto& client : clients) {
    EXPECT_EQ(client->read_to_end(), "");
    EXPECT_FALSE(client->was_reset());
  }
  EXPECT_EQ(failures(), 0U);
}

TEST_F(Drain, APodThatIsReadyAgainIsNotDrainedAnyMore) {
  Slow old;
  serve();
  endpoints({at("old", old.backend)});
  TestClient client(port_);
  ASSERT_TRUE(client.send(kGet));
  old.asked.get_future().wait();
  board_->drain("test", "old", {milliseconds(100), milliseconds(10)});
  endpoints({at("old", old.backend)});
  main_.turn(milliseconds(150));
  main_.turn(milliseconds(50));
  old.let.set_value();
  EXPECT_EQ(client.read_answer().body, "slow");
  EXPECT_FALSE(drained_.contains("old"));
}

TEST_F(Drain, ACheckGoesToAPodThatIsNotReady) {
  Backend fresh(named("fresh"));
  serve();
  endpoints({at("fresh", fresh, EndpointState::NotReady)});
  board_->check("test", 7, {"fresh", "/healthz", "web", seconds(5)});
  ASSERT_TRUE(turn_until([&] { return checked_.contains(7); }));
  EXPECT_EQ(checked_[7].first, 200);
  EXPECT_EQ(checked_[7].second, "");
  fresh.stop();
  board_->check("test", 8, {"fresh", "/", "web", seconds(5)});
  ASSERT_TRUE(turn_until([&] { return checked_.contains(8); }));
  EXPECT_NE(checked_[8].second.find("Connection refused"), std::string::npos);
}

TEST_F(Drain, RetiringAnswersAndEndsConnections) {
  serve();
  endpoints({at("other", other)});
  TestClient client(port_);
  EXPECT_EQ(client.get().body, "other");
  board_->retire();
  Answer answer;
  ASSERT_TRUE(turn_until([&] {
    answer = client.get();
    return answer.head.find("Connection: close") != std::string::npos;
  }));
  EXPECT_EQ(answer.body, "other");
  EXPECT_TRUE(turn_until([&] { return board_->connections() == 0; }));
}

}  // namespace
}  // namespace podvisor::door
