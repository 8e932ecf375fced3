// Containers with images on the real thing: an OCI runtime, overlayfs, cgroups, pause. Only where
// the image comes from is the test's own.
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "image_fixture.h"

namespace podvisor {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST_F(ImageContainerTest, ItsExitCodeIsTheRealOne) {
  const Pod pod = image_pod("echo from inside; exit 7");
  EXPECT_EQ(run(pod).exit_code, 7);
  EXPECT_EQ(log_of(pod), "from inside\n");
}

TEST_F(ImageContainerTest, ASignalReachesItAndIsWhatEndedIt) {
  const Pod pod = image_pod("trap \"exit 9\" TERM; echo ready; while :; do sleep 0.01; done");
  make_sandbox(pod);
  start(pod);
  wait_for_log(pod, "ready");
  runtime_->signal_container(pod.metadata.uid, {}, SIGTERM);
  EXPECT_EQ(exit_of().exit_code, 9);
}

TEST_F(ImageContainerTest, TheImagesStopSignalStandsForSigterm) {
  images_.answer->held.image.config.stop_signal = "SIGUSR1";
  const Pod pod = image_pod("trap \"exit 4\" USR1; echo ready; while :; do sleep 0.01; done");
  make_sandbox(pod);
  start(pod);
  wait_for_log(pod, "ready");
  runtime_->signal_container(pod.metadata.uid, {}, SIGTERM);
  EXPECT_EQ(exit_of().exit_code, 4);
}

TEST_F(ImageContainerTest, KillEndsAllOfIt) {
  const Pod pod = image_pod("sleep 1000 & sleep 1000");
  make_sandbox(pod);
  const pid_t pid = start(pod);
  EXPECT_NE(namespace_of(pid, "pid"), namespace_of(getpid(), "pid"));
  runtime_->kill_container(pod.metadata.uid, {});
  EXPECT_EQ(exit_of().signal, SIGKILL);
}

TEST_F(ImageContainerTest, EachRunHasAFreshLayer) {
  const Pod pod = image_pod("ls /tmp; touch /tmp/written");
  make_sandbox(pod);
  start(pod, {0, 0});
  exit_of({0, 0});
  start(pod, {0, 1});
  exit_of({0, 1});
  EXPECT_EQ(log_of(pod, {0, 1}), "");
  EXPECT_FALSE(fs::exists(directory_ + "/image/tmp/written"));
}

TEST_F(ImageContainerTest, ExecsRunInsideAsItsUser) {
  Pod pod = image_pod("echo ready; sleep 1000; true");
  pod.spec.containers[0].security_context.run_as_user = 1234;
  pod.spec.containers[0].working_dir = "/tmp";
  make_sandbox(pod);
  start(pod);
  wait_for_log(pod, "ready");
  const ExecOutcome outcome = exec(pod, {"sh", "-c", "id -u; pwd; cat /proc/1/comm; exit 3"});
  EXPECT_EQ(outcome.output, "1234\n/tmp\nsh\n");
  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_NE(exec(pod, {"no-such-program"}).exit_code, 0);
}

TEST_F(ImageContainerTest, RES9_OomKillsAreItsOwn) {
  Pod pod = image_pod("exec dd if=/dev/zero of=/dev/null bs=64M count=1");
  pod.spec.containers[0].resources.memory_limit = 16 << 20;
  const pod_event::ContainerExited exited = run(pod);
  EXPECT_EQ(exited.signal, SIGKILL);
  EXPECT_GT(exited.oom_kills, 0);
}

TEST_F(ImageContainerTest, ItIsInTheCgroupThatPodvisorMade) {
  const Pod pod = image_pod("cat /proc/self/cgroup");
  run(pod);
  const std::string cgroups = log_of(pod);
  for (const Hierarchy& hierarchy : current_hierarchies().v1) {
    const std::string own = hierarchy.own.substr(hierarchy.mount.size()) + "/" + cgroup_parent_ +
                            "/pod" + pod.metadata.uid + "/main-0\n";
    EXPECT_THAT(cgroups, HasSubstr(":" + hierarchy.controllers.front() + ":" + own));
  }
}

TEST_F(ImageContainerTest, NET1_ShareProcessNamespace) {
  Pod pod = image_pod("echo I am $$; exit 6");
  pod.spec.share_process_namespace = true;
  EXPECT_EQ(run(pod).exit_code, 6);
  EXPECT_THAT(log_of(pod), Not(StartsWith("I am 1\n")));
}

TEST_F(ImageContainerTest, WhyTheRuntimeCouldNotStartIt) {
  Pod pod = image_pod("");
  pod.spec.containers[0].command = {"/no/such/program"};
  const auto failed = failure_of(pod);
  EXPECT_EQ(failed.reason, "RunContainerError");
  EXPECT_THAT(failed.message, HasSubstr("/no/such/program"));
}

/// Under the same name: the runtime has forgotten the try before, whose bundle is gone.
TEST_F(ImageContainerTest, AStartThatFailedMayBeTriedAgainAtOnce) {
  Pod pod = image_pod("");
  pod.spec.containers[0].command = {"/no/such/program"};
  failure_of(pod);
  const std::string run = directory_ + "/run";
  EXPECT_FALSE(fs::exists(run + "/pods/" + pod.metadata.uid + "/bundles/main-0"));
  EXPECT_TRUE(fs::is_empty(run + "/oci/state"));
  pod.spec.containers[0].command = {"sh", "-c", "exit 5"};
  start(pod);
  EXPECT_EQ(exit_of().exit_code, 5);
}

TEST_F(ImageContainerTest, IMG1_WhyThereIsNoImage) {
  images_.answer = tl::unexpected(ImageFailure{"ErrImagePull", "not found"});
  const auto failed = failure_of(image_pod("true"));
  EXPECT_EQ(failed.reason, "ErrImagePull");
  EXPECT_EQ(failed.message, "not found");
  EXPECT_EQ(events_.of<pod_event::ImagePulling>().size(), 1U);
}

TEST_F(ImageContainerTest, AKillDuringThePullGivesItUp) {
  images_.keep_waiting = true;
  const Pod pod = image_pod("true");
  make_sandbox(pod);
  runtime_->start_container(pod, {});
  wait_for<pod_event::ImagePulling>();
  runtime_->kill_container(pod.metadata.uid, {});
  EXPECT_EQ(wait_for<pod_event::ContainerStartFailed>().reason, "RunContainerError");
  EXPECT_EQ(images_.cancelled.size(), 1U);
}

TEST_F(ImageContainerTest, ARemovalDuringTheStartLeavesNothing) {
  const Pod pod = image_pod("sleep 1000");
  make_sandbox(pod);
  runtime_->start_container(pod, {});
  wait_for<pod_event::ImagePulled>();
  remove_sandbox(pod);
  EXPECT_TRUE(events_.of<pod_event::ContainerStarted>().empty());
}

}  // namespace
}  // namespace podvisor
