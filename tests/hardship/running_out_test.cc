// When there is not enough of something, or somebody stands still: harm has its bounds, an event
// says so, and it heals without a hand.
#include <dlfcn.h>
#include <gmock/gmock.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "e2e/host.h"

namespace podvisor {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::Contains;
using testing::HasSubstr;
using namespace std::chrono_literals;

const std::string kForever = "trap \"exit 1\" USR1; while :; do sleep 0.05; done";

std::string script_pod(const std::string& name, const std::string& script,
                       const std::string& annotations = "podvisor.io/network: none") {
  return "apiVersion: v1\nkind: Pod\nmetadata: {name: " + name + ", annotations: {" + annotations +
         "}}\nspec:\n  terminationGracePeriodSeconds: 1\n  containers:\n  - name: main\n"
         "    command: [sh, -c, '" +
         script + "']\n";
}

class RunningOut : public Host {
 protected:
  void start(const std::string& name, const std::string& text) {
    write_manifest(name + ".yaml", text);
    ASSERT_TRUE(eventually([&] { return ready(name); })) << podvisor_log();
  }
  [[nodiscard]] bool says(const std::string& reason) const {
    return eventually([&] { return cli({"events"}).out.find(reason) != std::string::npos; });
  }
  [[nodiscard]] int restarts(const std::string& name) const {
    return container(name, "main").value("restartCount", -1);
  }
  /// Until nothing more can be written there.
  static void fill(const std::string& directory) {
    std::ofstream file(directory + "/fill");
    while (file.put('x').flush()) {
    }
  }
};

TEST_F(RunningOut, WhatAFullDiskDidNotTakeIsWrittenWhenItCanBe) {
  const std::string state = dir() + "/state";
  fs::create_directory(state);
  ASSERT_EQ(::mount("none", state.c_str(), "tmpfs", 0, "size=1m"), 0);
  serve();
  start("a", script_pod("a", kForever));
  fill(state);
  // What is written over needs no room, what is new does.
  send(pid_of("a", "main"), SIGUSR1);
  ASSERT_TRUE(eventually([&] { return restarts("a") == 1 && ready("a"); })) << podvisor_log();
  start("b", script_pod("b", kForever));
  const std::string uid = pod("b")["metadata"]["uid"];
  EXPECT_TRUE(says("StateNotWritten")) << podvisor_log();
  EXPECT_THAT(cli({"events"}).out, HasSubstr("No space left"));
  fs::remove(state + "/fill");
  ASSERT_TRUE(says("StateWritten")) << podvisor_log();
  podvisor().signal(SIGKILL);
  podvisor().wait(10s);
  serve();
  EXPECT_EQ(restarts("a"), 1);
  EXPECT_EQ(pod("b")["metadata"]["uid"], uid);
  // Nor does it keep another podvisor from starting.
  fill(state);
  podvisor().signal(SIGKILL);
  podvisor().wait(10s);
  serve();
  EXPECT_TRUE(ready("a"));
  EXPECT_EQ(restarts("a"), 1);
  fs::remove(state + "/fill");
  podvisor().signal(SIGINT);
  EXPECT_EQ(podvisor().wait(20s), 0);
  EXPECT_EQ(::umount(state.c_str()), 0);
  fs::remove(state);
}

TEST_F(RunningOut, APodWithoutAFreeAddressWaitsForOne) {
  serve({"--pod-cidr", "10.89.0.0/30"});
  start("a", script_pod("a", kForever, ""));
  write_manifest("b.yaml", script_pod("b", kForever, ""));
  ASSERT_TRUE(eventually([&] { return !events("b").empty(); }));
  EXPECT_THAT(events("b"), Contains(HasSubstr("FailedCreatePodSandBox")));
  EXPECT_FALSE(ready("b"));
  remove_manifest("a.yaml");
  EXPECT_TRUE(eventually([&] { return ready("b"); })) << podvisor_log();
}

/// Descriptors for no more than a pod or two: the others wait, and the API answers.
TEST_F(RunningOut, WithoutDescriptorsPodsWait) {
#ifdef PODVISOR_SANITIZED
  GTEST_SKIP() << "UBSan looks at an object through a pipe, which takes descriptors";
#endif
  serve();
  rlimit before{};
  ASSERT_EQ(::prlimit(podvisor().pid(), RLIMIT_NOFILE, nullptr, &before), 0);
  const rlimit few{64, before.rlim_max};
  ASSERT_EQ(::prlimit(podvisor().pid(), RLIMIT_NOFILE, &few, nullptr), 0);
  for (int i = 0; i < 8; ++i) {
    const std::string name = "p" + std::to_string(i);
    write_manifest(name + ".yaml", script_pod(name, kForever));
  }
  ASSERT_TRUE(eventually([&] {
    return cli({"events"}).out.find("Too many open files") != std::string::npos;
  })) << podvisor_log()
      << cli({"events"}).out;
  EXPECT_EQ(cli({"get", "pods"}).exit_code, 0);
  ASSERT_EQ(::prlimit(podvisor().pid(), RLIMIT_NOFILE, &before, nullptr), 0);
  // The others try again as one does that waits for an address; a new one need not wait.
  start("late", script_pod("late", kForever));
}

/// It ends, or refuses a pod for a while, according to who wanted the memory: no container notices.
TEST_F(RunningOut, WithoutMemoryPodvisorLosesNothing) {
#ifdef PODVISOR_SANITIZED
  GTEST_SKIP() << "a sanitizer's address space is its own matter";
#endif
  serve();
  start("a", script_pod("a", kForever));
  const int pid = pid_of("a", "main");
  std::uint64_t pages = 0;
  std::ifstream("/proc/" + std::to_string(podvisor().pid()) + "/statm") >> pages;
  const std::uint64_t little = pages * static_cast<std::uint64_t>(::getpagesize()) + (256U << 10U);
  rlimit before{};
  ASSERT_EQ(::prlimit(podvisor().pid(), RLIMIT_AS, nullptr, &before), 0);
  const rlimit few{little, before.rlim_max};
  ASSERT_EQ(::prlimit(podvisor().pid(), RLIMIT_AS, &few, nullptr), 0);
  for (int i = 0; i < 20; ++i) {
    const std::string name = "p" + std::to_string(i);
    write_manifest(name + ".yaml", script_pod(name, kForever));
  }
  if (podvisor().wait(5s) == -1)
    ASSERT_EQ(::prlimit(podvisor().pid(), RLIMIT_AS, &before, nullptr), 0);
  else
    serve();
  for (int i = 0; i < 20; ++i)
    EXPECT_TRUE(eventually([&] { return ready("p" + std::to_string(i)); }, 40s)) << podvisor_log();
  EXPECT_EQ(pid_of("a", "main"), pid);
  EXPECT_EQ(restarts("a"), 0);
}

/// Only HTTPS needs it, so its absence is that probe's failure.
TEST_F(RunningOut, WithoutLibcurlAnHttpsProbeSaysWhatToInstall) {
  void* const loaded = dlopen("libcurl.so.4", RTLD_NOW);
  ASSERT_NE(loaded, nullptr) << dlerror();
  std::array<char, PATH_MAX> folder{};
  ASSERT_EQ(dlinfo(loaded, RTLD_DI_ORIGIN, folder.data()), 0) << dlerror();
  const std::string libcurl = std::string(folder.data()) + "/libcurl.so.4";
  serve();
  start("a", script_pod("a", kForever));
  // The command line needs it too: this one has it already.
  const std::string seen = dir() + "/events";
  Background watch({PODVISOR, "events", "-w", "--socket", socket()}, seen, dir() + "/events.err");
  ASSERT_TRUE(eventually([&] { return read_file(seen).find("Started") != std::string::npos; }));
  ASSERT_EQ(::mount("/dev/null", libcurl.c_str(), nullptr, MS_BIND, nullptr), 0);
  write_manifest(
      "b.yaml",
      "apiVersion: v1\nkind: Pod\nmetadata: {name: b, annotations: {podvisor.io/network: "
      "none}}\nspec:\n  terminationGracePeriodSeconds: 1\n  containers:\n  - name: main\n"
      "    command: [python3, -c, 'import socket; s = socket.create_server((\"127.0.0.1\", "
      "80)); [s.accept() for _ in iter(int, 1)]']\n    readinessProbe: {httpGet: {scheme: "
      "HTTPS, host: 127.0.0.1, port: 80}, periodSeconds: 1}\n");
  EXPECT_TRUE(eventually([&] {
    return read_file(seen).find("install libcurl4") != std::string::npos;
  })) << read_file(seen);
  const CommandResult unable = cli({"get", "pods"});
  EXPECT_EQ(unable.exit_code, 1);
  EXPECT_THAT(unable.err, HasSubstr("install libcurl4"));
  EXPECT_EQ(::umount(libcurl.c_str()), 0);
  EXPECT_TRUE(ready("a"));
  EXPECT_FALSE(ready("b"));
}

TEST_F(RunningOut, AContainerThatIsStoppedOrDeafIsKilledInTime) {
  serve();
  start("a", script_pod("a", "trap \"\" TERM INT; while :; do sleep 0.05; done"));
  send(pid_of("a", "main"), SIGSTOP);
  remove_manifest("a.yaml");
  EXPECT_TRUE(eventually([&] { return pod("a").is_null(); }, 10s)) << podvisor_log();
}

/// In D state nothing is killed, for as long as whatever it waits for does not come. A freezer of
/// cgroup v1 is such a wait.
class Frozen {
 public:
  Frozen(const std::string& name, int pid) : directory_("/sys/fs/cgroup/freezer/" + name) {
    fs::create_directory(directory_);
    std::ofstream(directory_ + "/cgroup.procs") << pid;
    std::ofstream(directory_ + "/freezer.state") << "FROZEN";
  }
  ~Frozen() { thaw(); }
  Frozen(const Frozen&) = delete;
  Frozen& operator=(const Frozen&) = delete;

  [[nodiscard]] std::string state() const { return read_file(directory_ + "/freezer.state"); }
  void thaw() const { std::ofstream(directory_ + "/freezer.state") << "THAWED"; }
  [[nodiscard]] bool gone() const { return ::rmdir(directory_.c_str()) == 0; }

 private:
  std::string directory_;
};

TEST_F(RunningOut, EVT18_AContainerThatCannotBeKilledIsToldAndGoesWhenItCan) {
  if (!fs::exists("/sys/fs/cgroup/freezer"))
    GTEST_SKIP() << "needs the freezer of cgroup v1: what v2 freezes can be killed";
  serve();
  start("a", script_pod("a", kForever));
  const int pid = pid_of("a", "main");
  const Frozen frozen(cgroup_parent(), pid);
  ASSERT_TRUE(eventually([&] { return frozen.state() == "FROZEN\n"; })) << frozen.state();
  remove_manifest("a.yaml");
  EXPECT_TRUE(eventually([&] { return says("FailedKillPod"); }, 40s)) << podvisor_log();
  EXPECT_FALSE(pod("a").is_null());
  EXPECT_TRUE(lives(pid));
  start("b", script_pod("b", kForever));  // nobody else waits for it
  frozen.thaw();
  EXPECT_TRUE(eventually([&] { return pod("a").is_null(); })) << podvisor_log();
  EXPECT_TRUE(eventually([&] { return frozen.gone(); }));
}

TEST_F(RunningOut, APauseThatIsStoppedGoesOn) {
  serve();
  start("a", script_pod("a", kForever));
  const int pause = parent_of(pid_of("a", "main"));
  send(pause, SIGSTOP);
  send(pid_of("a", "main"), SIGUSR1);
  EXPECT_TRUE(eventually([&] { return restarts("a") == 1 && ready("a"); }, 10s)) << podvisor_log();
  EXPECT_THAT(podvisor_log(), HasSubstr("somebody has stopped podvisor-pause"));
  // A podvisor that comes anew waits no longer either.
  send(pause, SIGSTOP);
  podvisor().signal(SIGKILL);
  podvisor().wait(10s);
  serve();
  EXPECT_TRUE(eventually([&] { return ready("a"); }, 10s)) << podvisor_log();
  EXPECT_EQ(restarts("a"), 1);
  EXPECT_EQ(parent_of(pid_of("a", "main")), pause);
}

/// A loop that stood still for a while does not take that for its containers' failure.
TEST_F(RunningOut, APodvisorThatWasStoppedBlamesNobody) {
  serve();
  start("a", script_pod("a", kForever) +
                 "    livenessProbe: {exec: {command: [\"true\"]}, periodSeconds: 1, "
                 "timeoutSeconds: 1, failureThreshold: 1}\n");
  podvisor().signal(SIGSTOP);
  std::this_thread::sleep_for(2500ms);  // what is tested is that time passes
  podvisor().signal(SIGCONT);
  ASSERT_TRUE(eventually([&] { return ready("a"); }));
  std::this_thread::sleep_for(1200ms);
  EXPECT_EQ(restarts("a"), 0) << podvisor_log();
}

}  // namespace
}  // namespace podvisor
