// Containers with images on the real thing: an OCI runtime, overlayfs, cgroups, pause. Only where
// the image comes from is the test's own.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>

#include "podvisor/ports/images.h"
#include "runtime_fixture.h"

namespace podvisor {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

/// Gives what the test has laid out, or lets everybody wait.
class FakeImages final : public Images {
 public:
  explicit FakeImages(Loop& loop) : loop_(loop) {}

  std::uint64_t acquire(ImageRequest request, std::function<void()> pulling, Done done) override {
    requests.push_back(std::move(request));
    const std::uint64_t id = ++last_;
    timers_[id] = std::make_unique<Timer>(loop_, [this, id, pulling, done] {
      const auto timer = std::move(timers_.extract(id).mapped());
      pulling();
      if (!keep_waiting) done(answer);
    });
    timers_[id]->start(Duration{0});
    return id;
  }
  void cancel(std::uint64_t id) override { cancelled.push_back(id); }
  [[nodiscard]] std::vector<PullProgress> progress() const override { return {}; }

  tl::expected<AcquiredImage, ImageFailure> answer;
  bool keep_waiting = false;
  std::vector<ImageRequest> requests;
  std::vector<std::uint64_t> cancelled;

 private:
  Loop& loop_;
  std::uint64_t last_ = 0;
  std::map<std::uint64_t, std::unique_ptr<Timer>> timers_;
};

class ImageContainerTest : public RuntimeFixture {
 protected:
  void SetUp() override {
    RuntimeFixture::SetUp();
    if (IsSkipped()) return;
    if (!fs::exists("/bin/busybox")) GTEST_SKIP() << "no busybox (Debian: busybox-static)";
    const std::string root = directory_ + "/image";
    for (const char* name : {"/bin", "/etc", "/tmp", "/proc", "/sys", "/dev"})
      fs::create_directories(root + name);
    fs::copy_file("/bin/busybox", root + "/bin/busybox");
    for (const char* applet :
         {"sh", "cat", "sleep", "id", "ls", "grep", "dd", "touch", "kill", "ps"})
      fs::create_symlink("busybox", root + "/bin/" + applet);
    std::ofstream(root + "/etc/passwd") << "root:x:0:0::/root:/bin/sh\n";
    AcquiredImage image;
    image.held.image.name = "test:1";
    image.held.image.rootfs = root;
    image.held.image.config.env = {"PATH=/bin"};
    images_.answer = image;
    const RuntimeSettings settings{{directory_ + "/run", directory_ + "/state"},
                                   PODVISOR_PAUSE_PATH};
    runtime_ = std::make_unique<ProcessRuntime>(settings, loop_, events_, configs_, cgroups_.get(),
                                                &network_, &images_);
  }

  void TearDown() override {
    RuntimeFixture::TearDown();
    EXPECT_FALSE(fs::exists(directory_)) << "something is still mounted or open";
  }

  static Pod image_pod(const std::string& script) {
    Pod pod = pod_with(script);
    pod.spec.containers[0].image = "test:1";
    return pod;
  }
  pod_event::ContainerStartFailed failure_of(const Pod& pod) {
    make_sandbox(pod);
    runtime_->start_container(pod, {});
    return wait_for<pod_event::ContainerStartFailed>();
  }

  FakeImages images_{loop_};
};

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
  EXPECT_TRUE(exited.oom_killed);
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
