#include "door/hold_queue.h"

#include <gtest/gtest.h>

#include <array>

namespace podvisor::door {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct Waiter final : Held {
  void on_released() override {}
  void on_hold_timeout() override {}
};

struct HoldQueueTest : testing::Test {
  void fill(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
      places.push_back(queue.push(waiters[i], now, now + seconds(30)));
  }
  std::size_t release() {
    std::size_t released = 0;
    while (queue.take_released(now)) ++released;
    return released;
  }
  std::array<Waiter, 100> waiters;
  std::vector<HoldQueue::Place> places;
  HoldQueue queue;
  TimePoint now{std::chrono::hours(1)};
};

TEST_F(HoldQueueTest, DIF3_LetsGoInTheOrderOfArrival) {
  fill(3);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(queue.take_released(now)->held, &waiters[i]);
  EXPECT_TRUE(queue.empty());
}

TEST_F(HoldQueueTest, DIF3_LetsGoAFewAtATime) {
  fill(100);
  EXPECT_EQ(release(), ReleasePace::kFirst);
  EXPECT_EQ(release(), 0U);
  EXPECT_EQ(queue.wake_at(now), now + ReleasePace::kStep);
  now += ReleasePace::kStep;
  EXPECT_EQ(release(), 1U);
}

TEST_F(HoldQueueTest, WhoIsServedMakesRoomForTheNext) {
  fill(100);
  release();
  for (int i = 0; i < 5; ++i) queue.count_served();
  EXPECT_EQ(release(), 5U);
}

TEST_F(HoldQueueTest, ThePaceBeginsAnewWhenThereWasNobodyAgain) {
  fill(100);
  release();
  queue.stall();
  EXPECT_EQ(release(), ReleasePace::kFirst);
}

TEST_F(HoldQueueTest, WhoseTimeIsOverIsTakenOut) {
  (void)queue.push(waiters[0], now, now + seconds(2));
  (void)queue.push(waiters[1], now, now + seconds(1));
  EXPECT_EQ(queue.wake_at(now), now + seconds(1));
  EXPECT_FALSE(queue.take_overdue(now));
  now += seconds(1);
  EXPECT_EQ(queue.take_overdue(now)->held, &waiters[1]);
  EXPECT_FALSE(queue.take_overdue(now));
  EXPECT_EQ(queue.size(), 1U);
}

TEST_F(HoldQueueTest, WhoLeavesIsForgotten) {
  fill(2);
  queue.leave(places[0]);
  EXPECT_EQ(queue.take_released(now)->held, &waiters[1]);
  EXPECT_FALSE(queue.wake_at(now));
}

}  // namespace
}  // namespace podvisor::door
