// The node's labels, and pods that choose by them.
#include <gmock/gmock.h>

#include "e2e/host.h"

namespace podvisor {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::StartsWith;

using NodeLabels = Host;

TEST_F(NodeLabels, APodWaitsForANodeOfItsChoice) {
  serve();
  write_manifest("web.yaml", R"(
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  hostNetwork: true
  terminationGracePeriodSeconds: 0
  nodeSelector: {disk: fast}
  containers: [{name: main, command: [sleep, '1000']}]
)");
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

}  // namespace
}  // namespace podvisor
