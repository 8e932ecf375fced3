// What an earlier podvisor has left, taken over by the next: nothing that runs notices, and nothing
// that happened in between is lost.
#include <gmock/gmock.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <thread>

#include "runtime/adoption/sandbox_record.h"
#include "runtime_fixture.h"

namespace podvisor {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

class AdoptionTest : public RuntimeFixture {
 protected:
  void SetUp() override {
    RuntimeFixture::SetUp();
    if (IsSkipped()) return;
    ASSERT_EQ(mkfifo(go().c_str(), 0600), 0);
  }

  /// What a container waits for: `read line <GO`.
  [[nodiscard]] std::string go() const { return directory_ + "/go"; }
  [[nodiscard]] std::string wait_for_go() const { return "read line <" + go() + "; "; }
  void let_go() const { std::ofstream(go()) << "now\n"; }
  void let_go_and_end(pid_t pid) const {
    let_go();
    while (is_alive(pid)) std::this_thread::yield();
  }
  [[nodiscard]] std::string runtime_dir(const Pod& pod) const {
    return directory_ + "/run/pods/" + pod.metadata.uid;
  }
  [[nodiscard]] std::vector<ContainerRef> found() const {
    const auto adopted = events_.of<pod_event::SandboxAdopted>();
    return adopted.empty() ? std::vector<ContainerRef>{} : adopted.back().found;
  }
  void expect_lost(const Pod& pod) {
    adopt(pod);
    EXPECT_THAT(events_.of<pod_event::SandboxAdopted>(), IsEmpty());
    ASSERT_EQ(events_.of<pod_event::SandboxDied>().size(), 1U);
    EXPECT_EQ(events_.of<pod_event::SandboxDied>().back().attempt, 0);
    EXPECT_FALSE(fs::exists(runtime_dir(pod)));
    EXPECT_THAT(cgroups_->pods(), IsEmpty());
  }
};

constexpr const char* kUntilTerm =
    "trap 'echo terminated; exit 5' TERM; echo started; while :; do sleep 0.02; done";

TEST_F(AdoptionTest, AContainerGoesOnAndIsOurs) {
  Pod pod = pod_with(kUntilTerm);
  pod.spec.containers[0].env = {{.name = "COLOUR", .value = "blue"}};
  make_sandbox(pod);
  const pid_t pid = start(pod);
  wait_for_log(pod, "started");
  restart();
  adopt(pod);
  EXPECT_THAT(found(), ElementsAre(ContainerRef{0, 0}));
  EXPECT_TRUE(is_alive(pid));
  EXPECT_THAT(events_.of<pod_event::ContainerStarted>(), IsEmpty()) << "it was known to run";
  EXPECT_EQ(exec(pod, {"sh", "-c", "echo $COLOUR"}).output, "blue\n");
  EXPECT_TRUE(runtime_->open_socket(pod.metadata.uid, AF_INET, SOCK_STREAM).has_value());
  EXPECT_TRUE(runtime_->container_usage(pod.metadata.uid, 0).has_value());
  runtime_->signal_container(pod.metadata.uid, {}, SIGTERM);
  EXPECT_EQ(exit_of().exit_code, 5);
  EXPECT_EQ(log_of(pod), "started\nterminated\n");
}

TEST_F(AdoptionTest, TheNextContainersStartInTheSameNamespaces) {
  const Pod pod = pod_with("exec sleep 1000");
  make_sandbox(pod);
  const std::string before = namespace_of(start(pod), "net");
  restart();
  adopt(pod);
  runtime_->kill_container(pod.metadata.uid, {});
  exit_of();
  runtime_->acknowledge(pod.metadata.uid, {});
  EXPECT_EQ(namespace_of(start(pod, {0, 1}), "net"), before);
}

TEST_F(AdoptionTest, AnExitMeanwhileIsToldWithItsMessage) {
  const Pod pod =
      pod_with(wait_for_go() + "echo last words; echo because >/dev/termination-log; exit 7");
  make_sandbox(pod);
  const pid_t pid = start(pod);
  restart([&] { let_go_and_end(pid); });
  adopt(pod);
  EXPECT_THAT(found(), ElementsAre(ContainerRef{0, 0}));
  const auto exited = exit_of();
  EXPECT_EQ(exited.exit_code, 7);
  EXPECT_EQ(exited.message, "because\n");
  EXPECT_EQ(exited.oom_kills, 0);
  EXPECT_EQ(log_of(pod), "last words\n");
}

TEST_F(AdoptionTest, AnExitIsToldAgainUntilItIsAcknowledged) {
  const Pod pod = pod_with("echo because >/dev/termination-log; exit 7");
  run(pod);
  restart();
  adopt(pod);
  EXPECT_EQ(exit_of().message, "because\n");
  runtime_->acknowledge(pod.metadata.uid, {});
  restart();
  adopt(pod);
  EXPECT_THAT(found(), IsEmpty());
  EXPECT_THAT(events_.of<pod_event::ContainerExited>(), IsEmpty());
  EXPECT_TRUE(fs::is_empty(runtime_dir(pod) + "/containers"));
}

TEST_F(AdoptionTest, RES8_AnOomKillMeanwhileIsNotForgotten) {
  Pod pod = pod_with(wait_for_go() + "exec tail /dev/zero");
  pod.spec.containers[0].resources.memory_limit = 24 << 20;
  make_sandbox(pod);
  const pid_t pid = start(pod);
  restart([&] { let_go_and_end(pid); });
  adopt(pod);
  EXPECT_GT(exit_of().oom_kills, 0);
  restart();  // the cgroup is gone by now
  adopt(pod);
  EXPECT_GT(exit_of().oom_kills, 0);
}

TEST_F(AdoptionTest, DIF23_AChildsOomKillMeanwhileIsToldOnce) {
  if (on_v2()) GTEST_SKIP() << "memory.oom.group takes the whole container";
  Pod pod =
      pod_with(wait_for_go() + "tail /dev/zero; touch " + directory_ + "/killed; exec sleep 1000");
  pod.spec.containers[0].resources.memory_limit = 24 << 20;
  make_sandbox(pod);
  start(pod);
  restart([&] {
    let_go();
    while (!fs::exists(directory_ + "/killed")) std::this_thread::yield();
  });
  adopt(pod);
  EXPECT_EQ(wait_for<pod_event::ContainerOomKilled>().kills, 1);
  restart();
  adopt(pod);
  runtime_->kill_container(pod.metadata.uid, {});
  EXPECT_GT(exit_of().oom_kills, 0);
  EXPECT_THAT(events_.of<pod_event::ContainerOomKilled>(), IsEmpty());
}

TEST_F(AdoptionTest, WhatIsWrittenMeanwhileIsInTheLogMoreThanAPipeHolds) {
  const Pod pod = pod_with(wait_for_go() + "exec seq 1 60000");
  make_sandbox(pod);
  const pid_t pid = start(pod);
  restart([&] {
    let_go();
    std::string stat;  // until it waits in write()
    while (stat.find("(seq) S") == std::string::npos && is_alive(pid))
      std::getline(std::ifstream("/proc/" + std::to_string(pid) + "/stat"), stat);
  });
  EXPECT_TRUE(is_alive(pid));
  adopt(pod);
  exit_of();
  std::string all;
  for (int i = 1; i <= 60000; ++i) all += std::to_string(i) + "\n";
  EXPECT_EQ(log_of(pod), all);
}

TEST_F(AdoptionTest, AStartThatNobodyWasToldOfIsToldNow) {
  Pod pod = pod_with("exec sleep 1000");
  make_sandbox(pod);
  const pid_t pid = start(pod);
  restart();
  adopt(pod, written(pod, ContainerState::Run::Starting));
  const auto started = wait_for<pod_event::ContainerStarted>();
  EXPECT_EQ(started.ref, (ContainerRef{0, 0}));
  EXPECT_EQ(started.pid, pid);
}

TEST_F(AdoptionTest, WhereEvenTheStateWasLostWhateverRunsIsTold) {
  const Pod pod = pod_with("exec sleep 1000");
  make_sandbox(pod);
  start(pod);
  restart();
  PodState lost = initial_pod_state(pod);
  adopt(pod, lost);
  EXPECT_EQ(wait_for<pod_event::SandboxAdopted>().attempt, 0);
  EXPECT_THAT(found(), ElementsAre(ContainerRef{0, 0}));
  EXPECT_EQ(wait_for<pod_event::ContainerStarted>().ref, (ContainerRef{0, 0}));
}

TEST_F(AdoptionTest, WhatIsAskedBeforeItIsKnownIsDoneAfterwards) {
  const Pod pod = pod_with("exec sleep 1000");
  make_sandbox(pod);
  start(pod);
  restart();
  runtime_->adopt_sandbox(pod, written(pod));
  runtime_->kill_container(pod.metadata.uid, {});
  EXPECT_EQ(exit_of().signal, SIGKILL);
  EXPECT_THAT(found(), ElementsAre(ContainerRef{0, 0}));
}

TEST_F(AdoptionTest, ARemovalThatIsAskedBeforeItIsKnownIsDoneAfterwards) {
  const Pod pod = pod_with("exec sleep 1000");
  make_sandbox(pod);
  const pid_t pid = start(pod);
  restart();
  runtime_->adopt_sandbox(pod, written(pod));
  runtime_->remove_sandbox(pod.metadata.uid, 4);
  EXPECT_EQ(wait_for<pod_event::SandboxRemoved>().attempt, 4);
  EXPECT_FALSE(is_alive(pid));
  EXPECT_FALSE(fs::exists(runtime_dir(pod)));
}

TEST_F(AdoptionTest, StdinStaysOpen) {
  Pod pod = pod_with("cat; echo it was closed");
  pod.spec.containers[0].stdin = true;
  make_sandbox(pod);
  const pid_t pid = start(pod);
  restart();
  adopt(pod);
  EXPECT_EQ(exec(pod, {"true"}).exit_code, 0);
  EXPECT_TRUE(is_alive(pid));
  EXPECT_EQ(log_of(pod), "");
}

TEST_F(AdoptionTest, AnExecSeesTheContainersVolumes) {
  Pod pod = pod_with("echo here >/srv/file; echo written; exec sleep 1000");
  pod.spec.volumes = {{.name = "files", .source = EmptyDirVolume{}}};
  pod.spec.containers[0].volume_mounts = {{.name = "files", .mount_path = "/srv"}};
  make_sandbox(pod);
  start(pod);
  wait_for_log(pod, "written");
  restart();
  adopt(pod);
  EXPECT_EQ(exec(pod, {"cat", "/srv/file"}).output, "here\n");
}

TEST_F(AdoptionTest, HOK_AnExecOfTheEarlierPodvisorIsEnded) {
  const Pod pod = pod_with("exec sleep 1000");
  make_sandbox(pod);
  start(pod);
  const std::string pid_file = directory_ + "/exec-pid";
  runtime_->exec(pod.metadata.uid, {}, {"sh", "-c", "sleep 1000 & echo $! >" + pid_file + "; wait"},
                 kNoTimeout, [](const ExecOutcome&) {});
  pid_t pid = 0;
  Timer again(loop_, [&] { again.start(std::chrono::milliseconds(1)); });
  again.start(std::chrono::milliseconds(1));
  run_until([&] { return static_cast<bool>(std::ifstream(pid_file) >> pid); });
  again.stop();
  restart();
  adopt(pod);
  wait_until_gone(pid);
  EXPECT_THAT(found(), ElementsAre(ContainerRef{0, 0}));
  EXPECT_EQ(exec(pod, {"echo", "hello"}).output, "hello\n");
}

TEST_F(AdoptionTest, AnAddressStaysThePods) {
  Pod pod = pod_with("exec sleep 1000");
  pod.spec.network = NetworkMode::Bridge;
  make_sandbox(pod);
  start(pod);
  restart();
  adopt(pod);
  EXPECT_EQ(wait_for<pod_event::SandboxAdopted>().pod_ip, "192.0.2.7");
  EXPECT_EQ(runtime_->address(pod.metadata.uid), "192.0.2.7");
  EXPECT_THAT(network_.adopted, ElementsAre(pod.metadata.uid));
  remove_sandbox(pod);
  EXPECT_THAT(network_.detached, ElementsAre(pod.metadata.uid));
}

TEST_F(AdoptionTest, WithoutItsAddressItIsLost) {
  Pod pod = pod_with("exec sleep 1000");
  pod.spec.network = NetworkMode::Bridge;
  make_sandbox(pod);
  const pid_t pid = start(pod);
  restart();
  network_.failure = Error{"no veth", 0};
  expect_lost(pod);
  EXPECT_FALSE(is_alive(pid));
  EXPECT_THAT(network_.detached, ElementsAre(pod.metadata.uid));
}

TEST_F(AdoptionTest, SBX1_APauseThatWasKilledMeanwhileTakesItsContainersAlong) {
  const Pod pod = pod_with("setsid sleep 1000 & exec sleep 1000");
  make_sandbox(pod);
  const pid_t pid = start(pod);
  const pid_t pause = pause_of(pid);
  restart([&] {
    kill(pause, SIGKILL);
    waitpid(pause, nullptr, 0);
    EXPECT_TRUE(is_alive(pid));
  });
  expect_lost(pod);
  EXPECT_FALSE(is_alive(pid));
  events_.posted.clear();
  EXPECT_GT((make_sandbox(pod), start(pod)), 0) << "and the pod can have another";
}

TEST_F(AdoptionTest, AnotherAttemptThanTheOneThatWasWrittenDownIsRemoved) {
  const Pod pod = pod_with("exec sleep 1000");
  make_sandbox(pod);
  const pid_t pid = start(pod);
  restart();
  PodState state = written(pod);
  state.sandbox_attempt = 3;
  adopt(pod, state);
  EXPECT_EQ(wait_for<pod_event::SandboxDied>().attempt, 3);
  EXPECT_FALSE(is_alive(pid));
}

TEST_F(AdoptionTest, AReusedPidIsNotTakenForPause) {
  const Pod pod = pod_with("exec sleep 1000");
  make_sandbox(pod);
  const pid_t pid = start(pod);
  ::usleep(20000);  // start times are in hundredths of a second, and no pid comes back within one
  const pid_t other = fork();
  if (other == 0) {
    ::pause();
    _exit(0);
  }
  restart([&] {
    auto record = read_sandbox_record(runtime_dir(pod));
    ASSERT_TRUE(record.has_value());
    record->pause.pid = other;
    ASSERT_TRUE(write_sandbox_record(runtime_dir(pod), *record).has_value());
  });
  expect_lost(pod);
  EXPECT_FALSE(is_alive(pid)) << "the real pause is found by its mark";
  EXPECT_TRUE(is_alive(other));
  kill(other, SIGKILL);
  waitpid(other, nullptr, 0);
}

TEST_F(AdoptionTest, SomebodyElsesSocketInItsPlaceIsNotSpokenTo) {
  const Pod pod = pod_with("exec sleep 1000");
  make_sandbox(pod);
  start(pod);
  const std::string path = runtime_dir(pod) + "/pause.sock";
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t other = fork();
  if (other == 0) {
    unlink(path.c_str());
    const int listener = socket(AF_UNIX, SOCK_SEQPACKET, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address);
    listen(listener, 1);
    if (write(ready[1], "", 1) == 1) ::pause();
    _exit(0);
  }
  char byte = 0;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  restart();
  expect_lost(pod);
  EXPECT_TRUE(is_alive(other));
  kill(other, SIGKILL);
  waitpid(other, nullptr, 0);
  close(ready[0]);
  close(ready[1]);
}

TEST_F(AdoptionTest, ARecordThatCannotBeReadCostsTheSandbox) {
  const Pod pod = pod_with("exec sleep 1000");
  make_sandbox(pod);
  const pid_t pid = start(pod);
  restart([&] { std::ofstream(runtime_dir(pod) + "/sandbox.json") << "{\"version\":"; });
  expect_lost(pod);
  EXPECT_FALSE(is_alive(pid));
}

TEST_F(AdoptionTest, OfAPodThatHasNoSandboxNothingIsFound) { expect_lost(pod_with("exit 0")); }

TEST_F(AdoptionTest, WhatWasBegunAndNeverWrittenDownIsRemovedBeforeTheNextIsMade) {
  const Pod pod = pod_with("exec sleep 1000");
  make_sandbox(pod);
  const pid_t pid = start(pod);
  const pid_t pause = pause_of(pid);
  restart([&] { fs::remove(runtime_dir(pod) + "/sandbox.json"); });
  make_sandbox(pod);
  EXPECT_FALSE(is_alive(pid));
  EXPECT_FALSE(is_alive(pause));
  EXPECT_NE(pause_of(start(pod)), pause);
}

TEST_F(AdoptionTest, WithoutCgroupsToo) {
  forgo_cgroups();
  const Pod pod = pod_with(kUntilTerm);
  make_sandbox(pod);
  start(pod);
  wait_for_log(pod, "started");
  restart();
  adopt(pod);
  runtime_->signal_container(pod.metadata.uid, {}, SIGTERM);
  EXPECT_EQ(exit_of().exit_code, 5);
}

TEST_F(AdoptionTest, SBX1_WithoutCgroupsToo) {
  forgo_cgroups();
  const Pod pod = pod_with("sleep 1000 & exec sleep 1000");
  make_sandbox(pod);
  const pid_t pid = start(pod);
  const pid_t pause = pause_of(pid);
  restart([&] {
    kill(pause, SIGKILL);
    waitpid(pause, nullptr, 0);
  });
  expect_lost(pod);
  wait_until_gone(pid);
}

TEST_F(AdoptionTest, WhatIsOfNoKnownPodIsRemoved) {
  Pod pod = pod_with("setsid sleep 1000 & exec sleep 1000");
  pod.spec.volumes = {{.name = "files", .source = EmptyDirVolume{.memory = true}}};
  pod.spec.containers[0].volume_mounts = {{.name = "files", .mount_path = "/srv"}};
  make_sandbox(pod);
  const pid_t pid = start(pod);
  const pid_t pause = pause_of(pid);
  restart();
  runtime_->remove_strays({pod.metadata.uid});
  EXPECT_TRUE(is_alive(pid));
  runtime_->remove_strays({"another"});
  loop_.run();
  EXPECT_FALSE(is_alive(pid));
  EXPECT_FALSE(is_alive(pause));
  EXPECT_THAT(network_.detached, ElementsAre(pod.metadata.uid));
  EXPECT_THAT(cgroups_->pods(), IsEmpty());
  EXPECT_FALSE(fs::exists(runtime_dir(pod)));
  EXPECT_TRUE(fs::is_empty(directory_ + "/state/pods"));
  EXPECT_TRUE(fs::is_empty(directory_ + "/state/logs"));
}

TEST_F(AdoptionTest, APauseWhoseDirectoryIsGoneIsFoundByItsMark) {
  const Pod pod = pod_with("exec sleep 1000");
  make_sandbox(pod);
  const pid_t pid = start(pod);
  restart([&] {
    umount2((runtime_dir(pod) + "/shm").c_str(), MNT_DETACH);
    fs::remove_all(directory_ + "/run/pods");
  });
  runtime_->remove_strays({});
  loop_.run();
  EXPECT_FALSE(is_alive(pid));
}

}  // namespace
}  // namespace podvisor
