#include "loop/loop.h"

#include <gtest/gtest.h>

#include <thread>

namespace podvisor {
namespace {

using namespace std::chrono_literals;

TEST(LoopTest, ItsTimeMayBeOverBeforeItHasBegunToWait) {
  Loop loop;
  bool another = false;
  Timer later(loop, [&] { another = true; });
  later.start(2s);
  const auto slowly = [] {
    std::this_thread::sleep_for(10ms);
    return false;
  };
  loop.run_until(slowly, 1ms);
  EXPECT_FALSE(another) << "it waited for somebody else's timer";
}

TEST(LoopTest, RunsUntilItIsDone) {
  Loop loop;
  bool done = false;
  Timer soon(loop, [&] { done = true; });
  soon.start(1ms);
  loop.run_until([&] { return done; }, 60s);
  EXPECT_TRUE(done);
}

}  // namespace
}  // namespace podvisor
