// Two workers whose loops the test turns, in the order that it wants.
#include "door/worker.h"

#include <gtest/gtest.h>

#include <list>

#include "door/client.h"
#include "door/door_process.h"
#include "http/listen.h"

namespace podvisor::door {
namespace {

constexpr std::size_t kClients = 12;  // more than one worker keeps while the other has none

class WorkerTest : public testing::Test {
 protected:
  WorkerTest() {
    for (std::size_t i = 0; i < 2; ++i) team_.push_back(std::make_unique<Worker>(i, team_));
    settings_->id = "test";
    settings_->mode = DoorMode::Http;
    Fd socket = std::move(*listen_for_door("127.0.0.1", 0));
    const std::uint16_t port = *bound_port(socket.get());
    listener_ = std::make_shared<Listener>("test", std::move(socket), team_.size());
    for (std::size_t i = 0; i < kClients; ++i) clients_.emplace_back(port);
  }

  void turn(std::size_t worker) const {
    for (int i = 0; i < 3; ++i) team_[worker]->reactor().turn(Duration(0));
  }

  std::shared_ptr<DoorListener> settings_ = std::make_shared<DoorListener>();
  std::shared_ptr<Listener> listener_;
  Worker::Team team_;
  std::list<TestClient> clients_;
};

TEST_F(WorkerTest, WhoHasMoreThanItsShareHandsClientsOn) {
  for (const auto& worker : team_) worker->serve(listener_, settings_);
  turn(0);
  turn(1);
  EXPECT_EQ(team_[0]->sessions() + team_[1]->sessions(), kClients);
  EXPECT_GT(team_[1]->sessions(), 0U);
}

TEST_F(WorkerTest, OneThatHasNotBeenToldYetGivesTheClientsBack) {
  team_[0]->serve(listener_, settings_);
  turn(0);
  EXPECT_LT(team_[0]->sessions(), kClients) << "none was handed on";
  turn(1);
  turn(0);
  EXPECT_EQ(team_[0]->sessions(), kClients);
}

}  // namespace
}  // namespace podvisor::door
