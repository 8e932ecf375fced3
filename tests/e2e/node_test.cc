// The node's labels, and pods that choose by them.
#include <gmock/gmock.h>

#include "e2e/host.h"

namespace podvisor {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::StartsWith;

using NodeLabels = Host;

/// A pod on the host's network, with what else its spec is to say.
std::string host_pod(const std::string& more) {
  return R"(
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  hostNetwork: true
  terminationGracePeriodSeconds: 0
  containers: [{name: main, command: [sleep, '1000']}]
)" + more;
}

TEST_F(NodeLabels, APodWaitsForANodeOfItsChoice) {
  serve();
  write_manifest("web.yaml", host_pod("  nodeSelector: {disk: fast}\n"));
  ASSERT_TRUE(eventually([&] { return !events("web").empty(); })) << podvisor_log();
  EXPECT_THAT(events("web"), Contains(StartsWith("FailedScheduling ")));
  EXPECT_EQ(pod("web")["status"]["phase"], "Pending");
  EXPECT_EQ(pid_of("web", "main"), 0);
  EXPECT_EQ(cli({"label", "node", "disk=fast"}).exit_code, 0);
  ASSERT_TRUE(eventually([&] { return ready("web"); })) << podvisor_log();
  EXPECT_THAT(cli({"get", "node", "--show-labels"}).out, HasSubstr("disk=fast"));
  EXPECT_EQ(cli({"label", "node", "disk-"}).exit_code, 0);
  EXPECT_TRUE(ready("web")) << "a pod that runs is not asked again";
}

TEST_F(NodeLabels, DWN6_APodHasTheAddressThatTheHostGotMeanwhile) {
  serve();
  ASSERT_EQ(run_command({"ip", "link", "add", "lan", "type", "bridge"}).exit_code, 0);
  ASSERT_EQ(run_command({"ip", "link", "set", "lan", "up"}).exit_code, 0);
  ASSERT_EQ(run_command({"ip", "address", "add", "192.0.2.8/24", "dev", "lan"}).exit_code, 0);
  write_manifest("web.yaml", host_pod(""));
  ASSERT_TRUE(eventually([&] { return ready("web"); })) << podvisor_log();
  EXPECT_EQ(pod("web")["status"]["hostIP"], "192.0.2.8");
  EXPECT_EQ(pod("web")["status"]["podIP"], "192.0.2.8");
  EXPECT_EQ(run_command({"ip", "link", "delete", "lan"}).exit_code, 0);
}

TEST_F(NodeLabels, DWN6_TheAddressAndTheLabelsThatPodvisorWasGiven) {
  serve({"--node-ip", "192.0.2.7", "--node-labels", "disk=fast,example.com/zone=a"});
  write_manifest("web.yaml", R"(
apiVersion: v1
kind: Pod
metadata: {name: web, annotations: {podvisor.io/network: none}}
spec:
  terminationGracePeriodSeconds: 0
  nodeSelector: {disk: fast, example.com/zone: a}
  containers:
  - name: main
    command: [sh, -c, 'echo on $HOST_IP; exec sleep 1000']
    env: [{name: HOST_IP, valueFrom: {fieldRef: {fieldPath: status.hostIP}}}]
)");
  ASSERT_TRUE(eventually([&] { return ready("web"); })) << podvisor_log();
  EXPECT_TRUE(eventually([&] { return cli({"logs", "web"}).out == "on 192.0.2.7\n"; }));
  EXPECT_EQ(pod("web")["status"]["hostIP"], "192.0.2.7");
  EXPECT_THAT(cli({"get", "nodes", "-o", "wide"}).out, HasSubstr("192.0.2.7"));
  EXPECT_THAT(cli({"get", "nodes", "--show-labels"}).out,
              HasSubstr("disk=fast,example.com/zone=a,kubernetes.io/arch="));
}

TEST_F(NodeLabels, WhatIsNoAddressAndNoLabelIsSaidAtTheStart) {
  const auto serve_with = [&](const std::string& flag, const std::string& value) {
    return run_command({PODVISOR, "serve", "--manifests", manifests(), flag, value}).err;
  };
  EXPECT_THAT(serve_with("--node-ip", "alpha"), HasSubstr("\"alpha\" is not an IP address"));
  EXPECT_THAT(serve_with("--node-labels", "disk"), HasSubstr("--node-labels: "));
}

}  // namespace
}  // namespace podvisor
