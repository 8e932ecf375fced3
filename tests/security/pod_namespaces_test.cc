#include "runtime/security/pod_namespaces.h"

#include <gtest/gtest.h>

namespace podvisor {
namespace {

PodSpec plain(NetworkMode mode) {
  PodSpec spec;
  spec.containers.resize(1);
  spec.network = mode;
  return spec;
}

TEST(PodNamespaces, NET1_NetworkIpcAndUtsAreThePodsUnlessItIsOnTheHosts) {
  for (const NetworkMode mode : {NetworkMode::Bridge, NetworkMode::None, NetworkMode::Join}) {
    const PodNamespaces own = pod_namespaces(plain(mode));
    EXPECT_EQ(own.network, mode != NetworkMode::Join);
    EXPECT_TRUE(own.ipc && own.uts);
    EXPECT_FALSE(own.pid);
  }
  const PodNamespaces host = pod_namespaces(plain(NetworkMode::Host));
  EXPECT_FALSE(host.network || host.ipc || host.uts || host.pid);
}

TEST(PodNamespaces, NET1_OnTheHostsNetworkImagesStillHaveTheirOwnIpc) {
  PodSpec spec = plain(NetworkMode::Host);
  spec.containers[0].image = "nginx";
  EXPECT_TRUE(pod_namespaces(spec).ipc);
  spec.host_ipc = true;
  EXPECT_FALSE(pod_namespaces(spec).ipc);
}

TEST(PodNamespaces, NET1_TheHostsIpcAndASharedPidNamespaceAreAskedFor) {
  PodSpec spec = plain(NetworkMode::Bridge);
  spec.host_ipc = true;
  spec.share_process_namespace = true;
  EXPECT_FALSE(pod_namespaces(spec).ipc);
  EXPECT_TRUE(pod_namespaces(spec).pid);
  spec.host_pid = true;
  EXPECT_FALSE(pod_namespaces(spec).pid);
}

}  // namespace
}  // namespace podvisor
