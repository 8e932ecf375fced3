// Volumes from a manifest to what the container's process reads.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "e2e/host.h"

namespace podvisor {
namespace {

using testing::Contains;
using testing::HasSubstr;

class Volumes : public Host {
 protected:
  /// What the pod's container wrote, once it has ended.
  std::string output_of(const std::string& pod_name) {
    EXPECT_TRUE(eventually([&] { return pod(pod_name)["status"]["phase"] == "Succeeded"; }))
        << pod(pod_name).dump(1) << podvisor_log();
    return cli({"logs", pod_name}).out;
  }
};

TEST_F(Volumes, VOL9_DownwardFilesAndASubPathOfTheContainersOwn) {
  serve();
  std::filesystem::create_directory(dir() + "/pod");
  write_manifest(
      "reader.yaml",
      R"(
apiVersion: v1
kind: Pod
metadata: {name: reader, labels: {app: web, tier: front}}
spec:
  restartPolicy: Never
  hostNetwork: true
  securityContext: {fsGroup: 4321}
  volumes:
  - {name: data, emptyDir: {sizeLimit: 1Gi}}
  - name: pod
    downwardAPI:
      defaultMode: 0400
      items:
      - {path: labels, fieldRef: {fieldPath: metadata.labels}}
      - {path: limits/memory, resourceFieldRef: {containerName: main, resource: limits.memory, divisor: 1Mi}}
  containers:
  - name: main
    resources: {limits: {memory: 64Mi}}
    env: [{name: NAME, value: reader}]
    command: [sh, -c, "cd )" +
          dir() +
          R"(/pod && cat labels limits/memory && echo && stat -L -c '%a %g' labels && stat -c '%a %g' ../data && pwd -P && touch ../data/x"]
    volumeMounts:
    - {name: pod, mountPath: )" +
          dir() + R"(/pod}
    - {name: data, mountPath: )" +
          dir() + R"(/data, subPathExpr: of/$(NAME)}
)");
  EXPECT_EQ(output_of("reader"),
            "app=\"web\"\ntier=\"front\"64\n440 4321\n2777 4321\n" + dir() + "/pod\n");
}

TEST_F(Volumes, VOL14_AMissingHostPathIsAFailedMountUntilItIsThere) {
  serve({"--max-container-restart-period", "1s"});
  write_manifest("waiter.yaml", R"(
apiVersion: v1
kind: Pod
metadata: {name: waiter}
spec:
  restartPolicy: Never
  hostNetwork: true
  volumes: [{name: data, hostPath: {path: )" +
                                    dir() + R"(/data, type: Directory}}]
  containers:
  - name: main
    command: [cat, )" + dir() + R"(/seen/file]
    volumeMounts: [{name: data, mountPath: )" +
                                    dir() + R"(/seen}]
)");
  const std::string failed =
      "FailedMount MountVolume.SetUp failed for volume \"data\" : hostPath type check failed: " +
      dir() + "/data is not a directory";
  ASSERT_TRUE(eventually([&] { return !events("waiter").empty(); }));
  EXPECT_THAT(events("waiter"), Contains(failed));
  EXPECT_EQ(pod("waiter")["status"]["phase"], "Pending");
  EXPECT_EQ(container("waiter", "main")["state"]["waiting"]["reason"], "ContainerCreating");
  std::filesystem::create_directory(dir() + "/data");
  std::ofstream(dir() + "/data/file") << "there\n";
  EXPECT_EQ(output_of("waiter"), "there\n");
}

}  // namespace
}  // namespace podvisor
