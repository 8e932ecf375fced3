// The four ways a pod is connected: bridge, host, joining another's namespace, none.
#include <gmock/gmock.h>
#include <signal.h>

#include "e2e/host.h"

namespace podvisor {
namespace {

/// A pod whose process says which interfaces it sees, probed over TCP inside its namespace.
std::string listener(const std::string& name, int port, const std::string& annotations,
                     const std::string& spec = "") {
  return "apiVersion: v1\nkind: Pod\nmetadata: {name: " + name + ", annotations: " + annotations +
         "}\nspec:\n  terminationGracePeriodSeconds: 1\n" + spec +
         "  containers:\n  - name: main\n    command: [python3, -m, http.server, \"" +
         std::to_string(port) +
         "\"]\n    workingDir: /usr/share/doc/python3\n    readinessProbe: {tcpSocket: {port: " +
         std::to_string(port) + "}, periodSeconds: 1}\n";
}

using PodNetwork = Host;

TEST_F(PodNetwork, ABridgedPodIsReachedAtItsAddressAndReachesTheOthers) {
  serve();
  write_manifest("a.yaml", listener("a", 8001, "{}"));
  write_manifest("b.yaml", listener("b", 8001, "{}"));
  ASSERT_TRUE(eventually([&] { return ready("a") && ready("b"); })) << podvisor_log();
  const std::string a = pod("a")["status"]["podIP"];
  const std::string b = pod("b")["status"]["podIP"];
  EXPECT_NE(a, b);
  EXPECT_EQ(
      run_command({"curl", "-s", "-o", "/dev/null", "-m", "5", "http://" + a + ":8001/"}).exit_code,
      0);
  const std::string inside = "/proc/" + std::to_string(pid_of("b", "main")) + "/ns/net";
  EXPECT_EQ(run_command({"nsenter", "--net=" + inside, "curl", "-s", "-o", "/dev/null", "-m", "5",
                         "http://" + a + ":8001/"})
                .exit_code,
            0);
}

TEST_F(PodNetwork, NetworkNoneLeavesLoopbackAloneAndIsProbedThere) {
  serve();
  write_manifest("a.yaml", listener("a", 8002, "{podvisor.io/network: none}"));
  ASSERT_TRUE(eventually([&] { return ready("a"); })) << podvisor_log();
  const std::string inside = "/proc/" + std::to_string(pid_of("a", "main")) + "/ns/net";
  const std::string links = run_command({"nsenter", "--net=" + inside, "ip", "-o", "link"}).out;
  EXPECT_THAT(links, testing::HasSubstr("lo:"));
  EXPECT_EQ(std::ranges::count(links, '\n'), 1) << links;
  EXPECT_EQ(pod("a")["status"].value("podIP", ""), "");
}

TEST_F(PodNetwork, HostNetworkSharesTheHostsNamespace) {
  serve();
  write_manifest("a.yaml", listener("a", 8003, "{}", "  hostNetwork: true\n"));
  ASSERT_TRUE(eventually([&] { return ready("a"); })) << podvisor_log();
  EXPECT_EQ(namespace_of(pid_of("a", "main"), "net"), namespace_of(::getpid(), "net"));
}

TEST_F(PodNetwork, JoiningAnothersNamespaceListensThere) {
  Background other({"unshare", "-n", "sh", "-c", "ip link set lo up; exec sleep 1d"},
                   dir() + "/other.out", dir() + "/other.err");
  const std::string path = "/proc/" + std::to_string(other.pid()) + "/ns/net";
  ASSERT_TRUE(eventually(
      [&] { return namespace_of(other.pid(), "net") != namespace_of(::getpid(), "net"); }));
  serve();
  write_manifest("a.yaml", listener("a", 8004, "{podvisor.io/network: \"ns:" + path + "\"}"));
  ASSERT_TRUE(eventually([&] { return ready("a"); })) << podvisor_log();
  EXPECT_EQ(namespace_of(pid_of("a", "main"), "net"), namespace_of(other.pid(), "net"));
}

}  // namespace
}  // namespace podvisor
