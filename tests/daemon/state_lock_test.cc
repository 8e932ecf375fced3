#include "daemon/state_lock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

namespace podvisor {
namespace {

namespace fs = std::filesystem;

class StateLockTest : public testing::Test {
 protected:
  StateLockTest() {
    std::string path = fs::temp_directory_path() / "podvisor-lock-XXXXXX";
    directory_ = ::mkdtemp(path.data());
  }
  ~StateLockTest() override { fs::remove_all(directory_); }
  std::string directory_;
};

TEST_F(StateLockTest, ASecondHolderIsToldThePidOfTheFirst) {
  const auto first = lock_state_dir(directory_ + "/state");
  ASSERT_TRUE(first) << first.error().message;
  const auto second = lock_state_dir(directory_ + "/state");
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message,
              testing::HasSubstr("(pid " + std::to_string(::getpid()) + ")"));
}

TEST_F(StateLockTest, TheLockEndsWithItsDescriptor) {
  { const auto first = lock_state_dir(directory_); }
  EXPECT_TRUE(lock_state_dir(directory_));
}

/// One that was killed while it started a program: the child that is to execute it has the lock.
TEST_F(StateLockTest, WhatADeadHoldersChildHasIsWaitedFor) {
  const pid_t holder = ::fork();
  if (holder == 0) {
    const auto lock = lock_state_dir(directory_);
    if (::fork() == 0) ::usleep(200'000);  // "executes" then
    ::_exit(lock ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(holder, &status, 0), holder);
  ASSERT_EQ(status, 0);
  const auto next = lock_state_dir(directory_);
  EXPECT_TRUE(next) << next.error().message;
}

TEST_F(StateLockTest, ADirectoryThatCannotBeMadeNamesTheWayOut) {
  const auto lock = lock_state_dir("/proc/no/such");
  ASSERT_FALSE(lock);
  EXPECT_THAT(lock.error().message, testing::HasSubstr("--state-dir"));
}

}  // namespace
}  // namespace podvisor
