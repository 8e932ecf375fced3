#include <gtest/gtest.h>

#include "loop/deadline.h"

namespace podvisor {
namespace {

using std::chrono::milliseconds;

class DeadlineTest : public testing::Test {
 protected:
  Loop loop_;
  int passed_ = 0;
  Deadline deadline_{loop_, [this] { ++passed_; }};
};

TEST_F(DeadlineTest, PassesOnceAndNotBeforeItsTime) {
  const TimePoint start = std::chrono::steady_clock::now();
  deadline_.start(milliseconds(20));
  loop_.run();
  EXPECT_EQ(passed_, 1);
  EXPECT_GE(std::chrono::steady_clock::now() - start, milliseconds(20));
}

TEST_F(DeadlineTest, StoppedOneNeverPassesNorKeepsTheLoopRunning) {
  deadline_.start(std::chrono::hours(1));
  deadline_.stop();
  loop_.run();
  EXPECT_EQ(passed_, 0);
}

TEST_F(DeadlineTest, LaterDeadlineIsKeptThoughTheTimerOfTheEarlierFires) {
  const TimePoint start = std::chrono::steady_clock::now();
  deadline_.start(milliseconds(5));
  deadline_.stop();
  deadline_.start(milliseconds(40));
  loop_.run();
  EXPECT_EQ(passed_, 1);
  EXPECT_GE(std::chrono::steady_clock::now() - start, milliseconds(40));
}

TEST_F(DeadlineTest, EarlierDeadlineReplacesALaterOne) {
  deadline_.start(std::chrono::hours(1));
  deadline_.start(milliseconds(5));
  loop_.run();
  EXPECT_EQ(passed_, 1);
}

}  // namespace
}  // namespace podvisor
