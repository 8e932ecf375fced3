// What a day may bring: kills, an OOM, a podvisor that stands still. Nobody notices.
#include <signal.h>

#include <fstream>

#include "traffic/acceptance.h"

namespace podvisor {
namespace {

using namespace std::chrono_literals;

TEST_F(Acceptance, DIF2_4_ASidecarsOomReplacesThePodWhileItServes) {
  // Once it was killed it is well in another pod only: its volume remembers.
  start(web("one", "", greedy_sidecar("/mnt/killed") + R"(
    volumeMounts: [{name: memory, mountPath: /mnt}]
    readinessProbe: {exec: {command: [sh, -c, '! test -e /mnt/killed']}, periodSeconds: 1}
  volumes: [{name: memory, emptyDir: {}}])"));
  begin_load();
  const std::string uid = pod("web")["metadata"]["uid"];
  run_command({"touch", dir() + "/go"});
  ASSERT_TRUE(eventually([&] { return pod("web")["metadata"]["uid"] != uid && ready("web"); }))
      << podvisor_log();
  expect_none_failed();
}

TEST_F(Acceptance, DIF2_5_ASidecarsOomWithRecreateIsHeld) {
  start(web("one", ", podvisor.io/replace: Recreate", greedy_sidecar()));
  begin_load();
  const int before = pid_of("web", "nginx");
  run_command({"touch", dir() + "/go"});
  ASSERT_TRUE(eventually([&] {
    return container("web", "nginx").value("restartCount", 0) == 1 && ready("web");
  })) << podvisor_log();
  EXPECT_NE(pid_of("web", "nginx"), before);
  expect_none_failed();
}

TEST_F(Acceptance, ASigkillOfTheOnlyMainContainerIsHeld) {
  start(web("one"));
  const int master = pid_of("web", "nginx");
  const std::string list = "/proc/" + std::to_string(master) + "/task/" + std::to_string(master);
  std::ifstream children(list + "/children");
  std::vector<int> pids{master};
  for (int worker = 0; children >> worker;) pids.push_back(worker);
  for (const int pid : pids) send(pid, SIGKILL);
  // With no request under way: a POST that its server had read must not be sent twice.
  for (const int pid : pids) ASSERT_TRUE(eventually([&] { return !lives(pid); }));
  begin_load();
  EXPECT_EQ(container("web", "nginx").value("restartCount", 0), 1);
  expect_none_failed();
}

TEST_F(Acceptance, ASigkillOfPodvisorIsNotNoticed) {
  start(web("one"));
  begin_load();
  podvisor().signal(SIGKILL);
  ASSERT_NE(podvisor().wait(10s), -1);
  expect_none_failed();
  EXPECT_NE(door_pid(), 0);
  abandon_podvisor();
}

TEST_F(Acceptance, TheNextPodvisorAfterASigkillGoesOn) {
  start(web("one"));
  const std::string uid = pod("web")["metadata"]["uid"];
  begin_load();
  podvisor().signal(SIGKILL);
  ASSERT_NE(podvisor().wait(10s), -1);
  go_on();
  serve();
  ASSERT_TRUE(eventually([&] { return ready("web"); })) << podvisor_log();
  EXPECT_EQ(pod("web")["metadata"]["uid"], uid);
  go_on();
  write_manifest("web.yaml", web("two"));
  expect_version("two");
  expect_none_failed();
}

TEST_F(Acceptance, AnUpgradeInPlaceIsNotNoticed) {
  start(web("one"));
  const std::string uid = pod("web")["metadata"]["uid"];
  begin_load();
  podvisor().signal(SIGUSR2);
  ASSERT_TRUE(eventually([&] {
    const std::string log = podvisor_log();
    return log.find("pod found", log.find("starting anew")) != std::string::npos;
  })) << podvisor_log();
  ASSERT_TRUE(eventually([&] { return !pod("web").is_null() && ready("web"); })) << podvisor_log();
  EXPECT_EQ(pod("web")["metadata"]["uid"], uid);
  go_on();
  write_manifest("web.yaml", web("two"));
  expect_version("two");
  expect_none_failed();
}

TEST_F(Acceptance, APodvisorThatStandsStillIsNotNoticed) {
  start(web("one"));
  begin_load();
  podvisor().signal(SIGSTOP);
  std::this_thread::sleep_for(5s);
  go_on(300);
  podvisor().signal(SIGCONT);
  write_manifest("web.yaml", web("two"));
  expect_version("two");
  expect_none_failed();
}

TEST_F(Acceptance, ADoorThatDiesComesBackWithItsSockets) {
  start(web("one"));
  const int before = door_pid();
  ASSERT_NE(before, 0);
  send(before, SIGKILL);
  EXPECT_EQ(answer(), "version one\n");  // waits in the queue of the socket
  EXPECT_NE(door_pid(), before);
}

}  // namespace
}  // namespace podvisor
