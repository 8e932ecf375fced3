#include "door/timer_wheel.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace podvisor::door {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

struct Alarm final : Deadline {
  void on_deadline(TimePoint now) override { rung.push_back(now); }
  std::vector<TimePoint> rung;
};

struct TimerWheelTest : testing::Test {
  void go(Duration span) { wheel.advance(now += span); }
  TimePoint now{hours(1)};
  TimerWheel wheel{now};
  Alarm alarm;
};

TEST_F(TimerWheelTest, RingsOnceNotEarlyAndAtMostATickLate) {
  for (const Duration span : {Duration(milliseconds(1)), Duration(milliseconds(100)),
                              Duration(seconds(5)), Duration(seconds(100)), Duration(hours(1))}) {
    alarm.rung.clear();
    const TimePoint due = now + span;
    alarm.set(wheel, due);
    while (alarm.rung.empty()) go(milliseconds(1));
    EXPECT_GE(alarm.rung.front(), due);
    EXPECT_LE(alarm.rung.front(), due + TimerWheel::kTick);
    go(seconds(10));
    EXPECT_EQ(alarm.rung.size(), 1U);
  }
}

TEST_F(TimerWheelTest, ALaterDeadlineCountsAndAnEarlierOneToo) {
  alarm.set(wheel, now + milliseconds(50));
  alarm.set(wheel, now + seconds(1));
  go(milliseconds(500));
  EXPECT_TRUE(alarm.rung.empty());
  alarm.set(wheel, now + milliseconds(10));
  go(milliseconds(20));
  EXPECT_EQ(alarm.rung.size(), 1U);
}

TEST_F(TimerWheelTest, WhatIsClearedOrDestroyedDoesNotRing) {
  auto other = std::make_unique<Alarm>();
  alarm.set(wheel, now + milliseconds(10));
  other->set(wheel, now + milliseconds(10));
  alarm.clear();
  other.reset();
  go(seconds(1));
  EXPECT_TRUE(alarm.rung.empty());
}

TEST_F(TimerWheelTest, ALongSleepMissesNobody) {
  std::vector<std::unique_ptr<Alarm>> alarms;
  for (int i = 1; i < 100; ++i) {
    alarms.push_back(std::make_unique<Alarm>());
    alarms.back()->set(wheel, now + milliseconds(37) * i);
  }
  go(hours(2));
  for (const auto& one : alarms) EXPECT_EQ(one->rung.size(), 1U);
}

TEST_F(TimerWheelTest, SaysWhenToLookAgain) {
  EXPECT_FALSE(wheel.next());
  alarm.set(wheel, now + milliseconds(100));
  ASSERT_TRUE(wheel.next());
  EXPECT_GE(*wheel.next(), now + milliseconds(100));
  EXPECT_LE(*wheel.next(), now + milliseconds(100) + TimerWheel::kTick);
  go(milliseconds(200));
  EXPECT_FALSE(wheel.next());
}

struct Again final : Deadline {
  explicit Again(TimerWheel& in) : wheel(in) {}
  void on_deadline(TimePoint now) override {
    ++rung;
    set(wheel, now);
  }
  TimerWheel& wheel;
  int rung = 0;
};

TEST_F(TimerWheelTest, OneThatSetsItselfAnewDoesNotGoRound) {
  Again again(wheel);
  again.set(wheel, now);
  go(TimerWheel::kTick);
  EXPECT_EQ(again.rung, 1);
  go(TimerWheel::kTick);
  EXPECT_EQ(again.rung, 2);
}

}  // namespace
}  // namespace podvisor::door
