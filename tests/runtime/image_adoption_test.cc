// Containers with images that an earlier podvisor has left, also in the midst of their start.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "image_fixture.h"
#include "victim.h"

namespace podvisor {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ImageAdoptionTest : public ImageContainerTest {
 protected:
  [[nodiscard]] std::vector<ContainerRef> found() const {
    const auto adopted = events_.of<pod_event::SandboxAdopted>();
    return adopted.empty() ? std::vector<ContainerRef>{} : adopted.back().found;
  }

  /// A runtime that waits for a word before it starts a container, and then does `what`.
  void wait_in_the_runtime(const std::string& what) {
    ASSERT_EQ(mkfifo(go().c_str(), 0600), 0);
    const std::string path = directory_ + "/runtime";
    std::ofstream(path) << "#!/bin/sh\n"
                           "case \"$*\" in *--detach*)\n"
                           "  echo $$ >" +
                               directory_ +
                               "/waits.new\n"
                               "  mv " +
                               directory_ + "/waits.new " + directory_ +
                               "/waits\n"
                               "  read line <" +
                               go() + "\n  " + what +
                               ";;\n"
                               "esac\nexec runc \"$@\"\n";
    fs::permissions(path, fs::perms::owner_all);
    oci_runtimes_ = {path};
    runtime_ = make_runtime();
  }
  [[nodiscard]] std::string go() const { return directory_ + "/go"; }
  pid_t wait_until_it_waits() {
    pid_t pid = 0;
    Timer again(loop_, [&] { again.start(std::chrono::milliseconds(1)); });
    again.start(std::chrono::milliseconds(1));
    run_until([&] { return static_cast<bool>(std::ifstream(directory_ + "/waits") >> pid); });
    return pid;
  }
  void expect_nothing_left(const Pod& pod) const {
    EXPECT_FALSE(fs::exists(directory_ + "/run/pods/" + pod.metadata.uid + "/bundles/main-0"));
    EXPECT_FALSE(fs::exists(directory_ + "/state/pods/" + pod.metadata.uid + "/layers/main-0"));
    EXPECT_TRUE(fs::is_empty(directory_ + "/run/oci/state"));
  }
};

TEST_F(ImageAdoptionTest, ItGoesOnAndHasExecs) {
  images_.answer->held.image.config.stop_signal = "SIGUSR1";
  Pod pod = image_pod("trap \"exit 4\" USR1; echo ready; while :; do sleep 0.01; done");
  pod.spec.containers[0].security_context.run_as_user = 1234;
  make_sandbox(pod);
  const pid_t pid = start(pod);
  wait_for_log(pod, "ready");
  restart();
  adopt(pod);
  EXPECT_THAT(found(), ElementsAre(ContainerRef{0, 0}));
  EXPECT_TRUE(is_alive(pid));
  EXPECT_EQ(exec(pod, {"sh", "-c", "id -u; cat /proc/1/comm"}).output, "1234\nsh\n");
  runtime_->signal_container(pod.metadata.uid, {}, SIGTERM);
  EXPECT_EQ(exit_of().exit_code, 4) << "the image's stop signal";
  runtime_->acknowledge(pod.metadata.uid, {});
  loop_.run_until([&] { return fs::is_empty(directory_ + "/run/oci/state"); },
                  std::chrono::seconds(10));
  remove_sandbox(pod);
  expect_nothing_left(pod);
}

TEST_F(ImageAdoptionTest, AnExitMeanwhileIsTheContainers) {
  const Pod pod = image_pod("cat /go; echo bye; exit 7");
  ASSERT_EQ(mkfifo((directory_ + "/image/go").c_str(), 0600), 0);
  make_sandbox(pod);
  const pid_t pid = start(pod);
  restart([&] {
    // In the container's own layer, where the pipe is the image's.
    std::ofstream("/proc/" + std::to_string(pid) + "/root/go") << "now\n";
    while (is_alive(pid)) std::this_thread::yield();
  });
  adopt(pod);
  EXPECT_EQ(exit_of().exit_code, 7);
  EXPECT_EQ(log_of(pod), "now\nbye\n");
  restart();  // not acknowledged: its bundle is gone by now, or going
  adopt(pod);
  EXPECT_EQ(exit_of().exit_code, 7);
  runtime_->acknowledge(pod.metadata.uid, {});
  remove_sandbox(pod);
  expect_nothing_left(pod);
}

TEST_F(ImageAdoptionTest, AStartUnderWayIsFinished) {
  wait_in_the_runtime("");
  const Pod pod = image_pod("echo inside; exit 7");
  make_sandbox(pod);
  runtime_->start_container(pod, {});
  wait_until_it_waits();
  restart();
  adopt(pod, written(pod, ContainerState::Run::Starting));
  EXPECT_THAT(found(), ElementsAre(ContainerRef{0, 0}));
  EXPECT_THAT(events_.of<pod_event::ContainerStarted>(), IsEmpty());
  std::ofstream(go()) << "now\n";
  EXPECT_EQ(exit_of().exit_code, 7);
  EXPECT_EQ(events_.of<pod_event::ContainerStarted>().size(), 1U);
  EXPECT_EQ(log_of(pod), "inside\n");
}

TEST_F(ImageAdoptionTest, AStartThatCameToItsEndMeanwhileIsAStart) {
  wait_in_the_runtime("");
  const Pod pod = image_pod("echo inside; exec sleep 1000");
  make_sandbox(pod);
  runtime_->start_container(pod, {});
  const pid_t runtime = wait_until_it_waits();
  restart([&] {
    std::ofstream(go()) << "now\n";
    while (is_alive(runtime)) std::this_thread::yield();
  });
  adopt(pod, written(pod, ContainerState::Run::Starting));
  EXPECT_GT(wait_for<pod_event::ContainerStarted>().pid, 0);
  wait_for_log(pod, "inside");
  std::string name;  // it may be about to become what it is to be
  for (int look = 0; look < 1000 && name != "sleep\n"; ++look)
    name = exec(pod, {"cat", "/proc/1/comm"}).output;
  EXPECT_EQ(name, "sleep\n");
}

TEST_F(ImageAdoptionTest, AStartThatFailedMeanwhileLeavesNothing) {
  wait_in_the_runtime("exit 3");
  const Pod pod = image_pod("exit 7");
  make_sandbox(pod);
  runtime_->start_container(pod, {});
  const pid_t runtime = wait_until_it_waits();
  restart([&] {
    std::ofstream(go()) << "now\n";
    while (is_alive(runtime)) std::this_thread::yield();
  });
  adopt(pod, written(pod, ContainerState::Run::Starting));
  EXPECT_EQ(wait_for<pod_event::ContainerStartFailed>().reason, "RunContainerError");
  expect_nothing_left(pod);
}

TEST_F(ImageAdoptionTest, WhatPauseNeverHeardOfIsTidiedBeforeItIsTriedAgain) {
  const Pod pod = image_pod("exec sleep 1000");
  make_sandbox(pod);
  start(pod);
  const std::string records = directory_ + "/run/pods/" + pod.metadata.uid + "/containers/";
  restart([&] {
    std::ifstream from(records + "main-0.json");
    std::string text((std::istreambuf_iterator<char>(from)), {});
    const std::string instance = "\"instance\":0";
    text.replace(text.find(instance), instance.size(), "\"instance\":1");
    std::ofstream(records + "main-1.json") << text;
    fs::create_directories(directory_ + "/run/pods/" + pod.metadata.uid + "/bundles/main-1");
  });
  adopt(pod);
  EXPECT_THAT(found(), ElementsAre(ContainerRef{0, 0}));
  EXPECT_FALSE(fs::exists(records + "main-1.json"));
  EXPECT_FALSE(fs::exists(directory_ + "/run/pods/" + pod.metadata.uid + "/bundles/main-1"));
}

TEST_F(ImageAdoptionTest, ATerminalOutlivesPodvisor) {
  Pod pod = image_pod("echo ready; cat /go; echo still here; sleep 1000");
  pod.spec.containers[0].tty = true;
  ASSERT_EQ(mkfifo((directory_ + "/image/go").c_str(), 0600), 0);
  make_sandbox(pod);
  const pid_t pid = start(pod);
  wait_for_log(pod, "ready");
  restart();
  adopt(pod);
  std::ofstream("/proc/" + std::to_string(pid) + "/root/go") << "now\n";
  wait_for_log(pod, "still here");
  EXPECT_TRUE(is_alive(pid)) << "no SIGHUP";
}

/// By a lock that pause holds meanwhile.
TEST_F(ImageAdoptionTest, IMG_TheImageStaysInUse) {
  const std::string path = directory_ + "/lock";
  auto lock = std::make_shared<const Fd>(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  ASSERT_EQ(flock(lock->get(), LOCK_SH), 0);
  images_.answer->held.lock = std::move(lock);
  const Pod pod = image_pod("exec sleep 1000");
  make_sandbox(pod);
  start(pod);
  images_.answer->held.lock.reset();
  const auto removable = [&] {
    const Fd other(open(path.c_str(), O_RDWR | O_CLOEXEC));
    return flock(other.get(), LOCK_EX | LOCK_NB) == 0;
  };
  restart([&] { EXPECT_FALSE(removable()); });
  adopt(pod);
  EXPECT_FALSE(removable());
  remove_sandbox(pod);
  EXPECT_TRUE(removable());
}

using ImageKillTest = KillTest<ImageContainerTest>;

TEST_F(ImageKillTest, WhereverItWas) {
  const auto make = [this](Loop& loop, EventSink& events, CgroupTree* cgroups) {
    auto* images = new FakeImages(loop);  // it is killed with all that it has
    images->answer = images_.answer;
    return std::make_unique<ProcessRuntime>(settings(), loop, events, configs_, cgroups, &network_,
                                            images);
  };
  kill_everywhere(make, image_pod("echo run; echo because >/dev/termination-log; exit 3"), 25);
}

}  // namespace
}  // namespace podvisor
