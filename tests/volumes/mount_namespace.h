// Tests that mount do so in a mount namespace of their own, which ends with the test's process.
#pragma once

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>

namespace podvisor {

/// True when this process has a private mount namespace and may mount in it.
inline bool enter_mount_namespace() {
  static const bool entered =
      ::unshare(CLONE_NEWNS) == 0 && ::mount("", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
  return entered;
}

class MountNamespaceTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!enter_mount_namespace()) GTEST_SKIP() << "needs CAP_SYS_ADMIN for a mount namespace";
  }
};

}  // namespace podvisor
