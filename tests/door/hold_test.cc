// Requests and connections that wait because no pod is Ready.
#include <chrono>

#include "door/door_fixture.h"

namespace podvisor::door {
namespace {

struct Hold : DoorFixture {
  Backend backend{named("a")};
};

TEST_F(Hold, DIF3_6_RequestsWaitForThePodAndAreAnswered) {
  serve();
  std::vector<std::unique_ptr<TestClient>> clients;
  for (int i = 0; i < 50; ++i) {
    clients.push_back(std::make_unique<TestClient>(port_));
    ASSERT_TRUE(clients.back()->send(kGet));
  }
  ASSERT_TRUE(held(50));
  EXPECT_EQ(backend.connections(), 0);
  endpoints({at("a", backend)});
  for (const auto& client : clients) EXPECT_EQ(client->read_answer().body, "a");
  ASSERT_TRUE(held(0));
  EXPECT_EQ(failures(), 0U);
  std::uint64_t observed = 0;
  for (const std::uint64_t count : counters().held_seconds) observed += count;
  EXPECT_EQ(observed, 50U);
}

TEST_F(Hold, DIF3_6_NobodyIsSentToAPodThatIsNotReady) {
  serve();
  endpoints({at("a", backend, EndpointState::NotReady)});
  TestClient client(port_);
  ASSERT_TRUE(client.send(kGet));
  ASSERT_TRUE(held(1));
  EXPECT_EQ(backend.connections(), 0);
}

TEST_F(Hold, DIF3_6_WhoWaitedTooLongIsToldToComeBack) {
  listener_.hold.timeout = std::chrono::milliseconds(50);
  serve();
  TestClient client(port_);
  const Answer answer = client.get();
  EXPECT_EQ(answer.status, 503);
  EXPECT_NE(answer.head.find("Retry-After: "), std::string::npos);
  EXPECT_EQ(failed(DoorFailure::HoldTimeout), 1U);
}

TEST_F(Hold, DIF3_6_MoreThanMayWaitAreAnsweredAtOnce) {
  listener_.hold.held = 1;
  serve();
  TestClient first(port_);
  ASSERT_TRUE(first.send(kGet));
  ASSERT_TRUE(held(1));
  TestClient second(port_);
  EXPECT_EQ(second.get().status, 503);
  EXPECT_EQ(failed(DoorFailure::HoldFull), 1U);
}

TEST_F(Hold, DIF3_ABackOffLongerThanTheLimitIsNotWaitedFor) {
  serve();
  board_->set_back_off("test", std::chrono::seconds(120));
  TestClient client(port_);
  const Answer answer = client.get();
  EXPECT_EQ(answer.status, 503);
  EXPECT_NE(answer.head.find("Retry-After: 1"), std::string::npos);  // 120, or 119 by now
  EXPECT_EQ(failed(DoorFailure::BackOff), 1U);
  board_->set_back_off("test", std::nullopt);
  TestClient other(port_);
  ASSERT_TRUE(other.send(kGet));
  EXPECT_TRUE(held(1));
}

TEST_F(Hold, AClientThatLeavesIsForgottenAtOnce) {
  serve();
  {
    TestClient client(port_);
    ASSERT_TRUE(client.send(kGet));
    ASSERT_TRUE(held(1));
  }
  EXPECT_TRUE(held(0));
  EXPECT_EQ(failures(), 0U);
  TestClient other(port_);
  ASSERT_TRUE(other.send(kGet));
  ASSERT_TRUE(held(1));
  other.reset();
  EXPECT_TRUE(held(0));
}

TEST_F(Hold, DIF3_APodThatDiedIsWaitedForAsSoonAsItCannotBeReached) {
  serve();
  auto first = std::make_unique<Backend>(named("first"));
  endpoints({at("first", *first)});
  TestClient client(port_);
  EXPECT_EQ(client.get().body, "first");
  first->stop();  // podvisor has not noticed yet
  ASSERT_TRUE(client.send(kGet));
  ASSERT_TRUE(held(1));
  endpoints({at("second", backend)});
  EXPECT_EQ(client.read_answer().body, "a");
  EXPECT_EQ(failures(), 0U);
}

TEST_F(Hold, ConnectionsWaitInTcpModeToo) {
  listener_.mode = DoorMode::Tcp;
  serve();
  TestClient client(port_);
  ASSERT_TRUE(client.send(kGet));
  ASSERT_TRUE(held(1));
  endpoints({at("a", backend)});
  EXPECT_EQ(client.read_answer().body, "a");
}

TEST_F(Hold, ConnectionsThatWaitedTooLongAreClosed) {
  listener_.mode = DoorMode::Tcp;
  listener_.hold.timeout = std::chrono::milliseconds(50);
  serve();
  TestClient client(port_);
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_EQ(failed(DoorFailure::HoldTimeout), 1U);
}

TEST_F(Hold, AListenerThatIsTakenAwayKeepsNobodyWaiting) {
  serve();
  TestClient client(port_);
  ASSERT_TRUE(client.send(kGet));
  ASSERT_TRUE(held(1));
  board_->stop_serving("test");
  EXPECT_EQ(client.read_answer().status, 503);
}

}  // namespace
}  // namespace podvisor::door
