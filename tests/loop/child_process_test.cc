#include "loop/child_process.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cerrno>

#include "loop/loop.h"

namespace podvisor {
namespace {

TEST(ChildProcess, OneThatIsKilledWithItsOwnerIsReapedBeforeTheLoopGoes) {
  for (int i = 0; i < 20; ++i) {
    Loop loop;
    const auto child = ChildProcess::start(loop, {.argv = {"sleep", "1000"}, .env = {}}, {});
    ASSERT_TRUE(child) << child.error().message;
    // `child` goes first, then `loop`.
  }
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

}  // namespace
}  // namespace podvisor
