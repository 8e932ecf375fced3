#include <filesystem>

#include "runtime_fixture.h"

namespace podvisor {
namespace {

class VolumeTest : public RuntimeFixture {
 protected:
  /// Both containers have the volume, at a path that the host has.
  Pod shared(const std::string& first, const std::string& second) {
    target_ = directory_ + "/target";
    std::filesystem::create_directory(target_);
    Pod pod = pod_with(first);
    pod.spec.containers.push_back(container("reader", second));
    pod.spec.volumes = {{"shared", EmptyDirVolume{}}};
    for (Container& one : pod.spec.containers) one.volume_mounts = {{"shared", target_, false}};
    pod.spec.containers[1].volume_mounts[0].read_only = true;
    return pod;
  }

  std::string target_;
};

TEST_F(VolumeTest, VOL1_ContainersShareAVolumeThatTheHostDoesNotSee) {
  const Pod pod =
      shared("echo hello >" + directory_ + "/target/file; sleep 1000",
             "while [ ! -s " + directory_ + "/target/file ]; do sleep 0.01; done; cat " +
                 directory_ + "/target/file; touch " + directory_ + "/target/x");
  make_sandbox(pod);
  const pid_t writer = start(pod, {0, 0});
  start(pod, {1, 0});
  EXPECT_NE(exit_of({1, 0}).exit_code, 0) << "it could write to a read-only mount";
  EXPECT_NE(log_of(pod, {1, 0}).find("hello\n"), std::string::npos);
  EXPECT_TRUE(std::filesystem::is_empty(target_));
  EXPECT_NE(namespace_of(writer, "mnt"), namespace_of(getpid(), "mnt"));
}

TEST_F(VolumeTest, EXE1_ExecsSeeTheContainersMounts) {
  const Pod pod = shared("echo hello >" + directory_ + "/target/file; echo ready; sleep 1000", "");
  make_sandbox(pod);
  start(pod);
  wait_for_log(pod, "ready");
  EXPECT_EQ(exec(pod, {"cat", target_ + "/file"}).output, "hello\n");
}

TEST_F(VolumeTest, ContentOutlivesTheSandbox) {
  const Pod pod =
      shared("cat " + directory_ + "/target/file; echo kept >" + directory_ + "/target/file", "");
  EXPECT_EQ(run(pod).exit_code, 0);
  remove_sandbox(pod);
  events_.posted.clear();
  make_sandbox(pod);
  start(pod, {0, 1});
  EXPECT_EQ(exit_of({0, 1}).exit_code, 0);
  EXPECT_EQ(log_of(pod, {0, 1}), "kept\n");
}

TEST_F(VolumeTest, WithoutMountsThereIsNoMountNamespace) {
  Pod pod = pod_with("sleep 1000");
  pod.spec.containers[0].termination_message_path.clear();
  pod.spec.host_ipc = true;  // else there is the pod's own /dev/shm
  make_sandbox(pod);
  EXPECT_EQ(namespace_of(start(pod), "mnt"), namespace_of(getpid(), "mnt"));
}

}  // namespace
}  // namespace podvisor
