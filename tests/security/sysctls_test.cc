#include "runtime/security/sysctls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace podvisor {
namespace {

TEST(SysctlPath, IsSeparatedByDotsOrBySlashes) {
  EXPECT_EQ(sysctl_path("net.ipv4.tcp_rmem"), "net/ipv4/tcp_rmem");
  EXPECT_EQ(sysctl_path("net/ipv4/tcp_rmem"), "net/ipv4/tcp_rmem");
  EXPECT_EQ(sysctl_path("net.ipv4.conf.eth0/1.forwarding"), "net/ipv4/conf/eth0.1/forwarding");
  EXPECT_EQ(sysctl_path("net/ipv4/conf/eth0.1/forwarding"), "net/ipv4/conf/eth0.1/forwarding");
}

TEST(CheckSysctl, SafeOnesNeedANamespaceOfThePodsOwn) {
  const Sysctl network{"net.ipv4.ip_unprivileged_port_start", "0"};
  EXPECT_TRUE(check_sysctl(network, true, false));
  EXPECT_FALSE(check_sysctl(network, false, true));
  const Sysctl ipc{"kernel.shm_rmid_forced", "1"};
  EXPECT_TRUE(check_sysctl(ipc, false, true));
  const auto refused = check_sysctl(ipc, true, false);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "forbidden sysctl: \"kernel.shm_rmid_forced\" belongs to the IPC namespace, and the "
            "pod has none of its own; remove it, or hostIPC and hostNetwork");
}

TEST(CheckSysctl, OthersAreTheHosts) {
  for (const char* name : {"kernel.panic", "vm.swappiness", "net.ipv4.ip_forward", "",
                           "net/ipv4/../../kernel/core_pattern", "kernel.core_pattern"})
    EXPECT_FALSE(check_sysctl({name, "1"}, true, true)) << name;
}

}  // namespace
}  // namespace podvisor
