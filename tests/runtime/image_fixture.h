// Containers with images on the real thing: an OCI runtime, overlayfs, cgroups, pause. Only where
// the image comes from is the test's own.
#pragma once

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "podvisor/ports/images.h"
#include "runtime_fixture.h"

namespace podvisor {

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
    if (!std::filesystem::exists("/bin/busybox"))
      GTEST_SKIP() << "no busybox (Debian: busybox-static)";
    const std::string root = directory_ + "/image";
    for (const char* name : {"/bin", "/etc", "/tmp", "/proc", "/sys", "/dev"})
      std::filesystem::create_directories(root + name);
    std::filesystem::copy_file("/bin/busybox", root + "/bin/busybox");
    for (const char* applet :
         {"sh", "cat", "sleep", "id", "ls", "grep", "dd", "touch", "kill", "ps"})
      std::filesystem::create_symlink("busybox", root + "/bin/" + applet);
    std::ofstream(root + "/etc/passwd") << "root:x:0:0::/root:/bin/sh\n";
    AcquiredImage image;
    image.held.image.name = "test:1";
    image.held.image.rootfs = root;
    image.held.image.config.env = {"PATH=/bin"};
    images_.answer = image;
    runtime_ = make_runtime();
  }

  [[nodiscard]] RuntimeSettings settings() const override {
    RuntimeSettings settings = RuntimeFixture::settings();
    settings.oci_runtimes = oci_runtimes_;
    return settings;
  }

  std::unique_ptr<ProcessRuntime> make_runtime() override {
    return std::make_unique<ProcessRuntime>(settings(), loop_, events_, configs_, cgroups_.get(),
                                            &network_, &images_);
  }

  void TearDown() override {
    RuntimeFixture::TearDown();
    EXPECT_FALSE(std::filesystem::exists(directory_)) << "something is still mounted or open";
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
  std::vector<std::string> oci_runtimes_{"crun", "runc"};
};

}  // namespace podvisor
