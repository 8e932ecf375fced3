#include "loop/deadline.h"

#include <gtest/gtest.h>
#include <sys/eventfd.h>

#include <thread>

#include "podvisor/fd.h"

namespace podvisor {
namespace {

using namespace std::chrono_literals;

/// An answer that ends the wait for it.
struct Attempt {
  Attempt() {
    answer.start(UV_READABLE);
    deadline.start(10ms);
  }
  void come() const { ASSERT_EQ(::eventfd_write(socket.get(), 1), 0); }

  Loop loop;
  Fd socket{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  bool answered = false, passed = false;
  Deadline deadline{loop, [this] {
                      passed = true;
                      loop.stop();
                    }};
  Poll answer{loop, socket.get(), [this](int, int) {
                answered = true;
                deadline.stop();
                loop.stop();
              }};
};

TEST(DeadlineTest, PassesWithoutAnAnswer) {
  Attempt attempt;
  attempt.loop.run();
  EXPECT_TRUE(attempt.passed);
}

TEST(DeadlineTest, AnAnswerThatCameWhileTheLoopStoodStillIsInTime) {
  Attempt attempt;
  attempt.come();
  std::this_thread::sleep_for(100ms);  // the loop does not turn
  attempt.loop.run();
  EXPECT_TRUE(attempt.answered);
  EXPECT_FALSE(attempt.passed);
}

TEST(DeadlineTest, PassesAfterTheLoopStoodStillWithoutAnAnswer) {
  Attempt attempt;
  std::this_thread::sleep_for(100ms);
  attempt.loop.run();
  EXPECT_TRUE(attempt.passed);
}

TEST(DeadlineTest, AStoppedOneDoesNotPass) {
  Attempt attempt;
  attempt.deadline.stop();
  Timer later(attempt.loop, [&] { attempt.loop.stop(); });
  later.start(30ms);
  attempt.loop.run();
  EXPECT_FALSE(attempt.passed);
}

}  // namespace
}  // namespace podvisor
