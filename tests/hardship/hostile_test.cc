// Containers that mean it ill, and what may be done to whom.
#include <gmock/gmock.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "e2e/image_host.h"

namespace podvisor {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

class Hostile : public Host {
 protected:
  void SetUp() override {
    Host::SetUp();
    // What keeps others out is to be podvisor's own doing.
    if (!IsSkipped()) fs::permissions(dir(), fs::perms(0755));
  }
  void write_script(const std::string& script, const std::string& more = "",
                    const std::string& spec = "") const {
    write_manifest("a.yaml",
                   "apiVersion: v1\nkind: Pod\n"
                   "metadata: {name: a, annotations: {podvisor.io/network: none}}\n"
                   "spec:\n  terminationGracePeriodSeconds: 0\n" +
                       spec + "  containers:\n  - name: main\n    command: [sh, -c, '" + script +
                       "']\n" + more);
  }
  [[nodiscard]] std::string log() const { return cli({"logs", "a"}).out; }
  [[nodiscard]] bool has_ended() const {
    return container("a", "main")
        .value(json::json_pointer("/state/terminated"), json())
        .is_object();
  }
};

/// Whoever is not root meets closed doors: at the API, at the door, at pause, at the state.
TEST_F(Hostile, APlainProcessThatIsNotRootReachesNothingOfPodvisors) {
  write_manifest("secret.yaml",
                 "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {k: hidden}\n");
  const std::string run = dir() + "/run";
  const std::string state = dir() + "/state";
  write_script(
      "exec 2>/dev/null; for file in $(find " + run + " " + state +
          " -type f); do head -c 200 $file; done; for socket in " + run + "/podvisor.sock " + run +
          "/door/door.sock; do "
          "curl -s -m 2 --unix-socket $socket http://x/api/v1/secrets && echo reached; "
          "done; kill -9 $PPID && echo killed; cat /proc/$PPID/environ && echo read; "
          "touch " +
          state + "/x && echo written; touch " + run +
          "/x && echo written; "
          "echo over",
      "    securityContext: {runAsUser: 1000, runAsGroup: 1000}\n", "  restartPolicy: Never\n");
  serve();
  ASSERT_TRUE(eventually([&] { return has_ended(); })) << podvisor_log();
  EXPECT_EQ(log(), "over\n");
  remove_manifest("secret.yaml");
}

TEST_F(Hostile, WhoeverPoursOutHarmsNobodyElse) {
  write_script("exec yes 0123456789012345678901234567890123456789");
  write_manifest("b.yaml",
                 "apiVersion: v1\nkind: Pod\nmetadata: {name: b, annotations: "
                 "{podvisor.io/network: none}}\nspec:\n  terminationGracePeriodSeconds: 0\n"
                 "  containers:\n  - name: main\n    command: [sleep, 1d]\n"
                 "    readinessProbe: {exec: {command: [\"true\"]}, periodSeconds: 1}\n");
  serve({"--container-log-max-size", "100Ki", "--container-log-max-files", "2"});
  ASSERT_TRUE(eventually([&] { return ready("a") && ready("b"); })) << podvisor_log();
  std::uintmax_t size = 0;
  for (const auto& entry : fs::recursive_directory_iterator(dir() + "/state/logs")) {
    std::error_code gone;  // it may be removed meanwhile
    const std::uintmax_t bytes = entry.file_size(gone);
    if (!gone) size += bytes;
  }
  EXPECT_GT(size, 0U);
  // Two files, and what comes within the tenth of a second between two rotations.
  EXPECT_LT(size, 200U << 20);
  EXPECT_TRUE(ready("b"));
  EXPECT_EQ(run_command({PODVISOR, "exec", "b", "--socket", socket(), "--", "true"}).exit_code, 0);
}

TEST_F(Hostile, WhatItLeavesBehindMayHaveAnyName) {
  write_script(
      "cd /tmp/x 2>/dev/null; cd $D; printf %s x > \"$(printf \"a\\nb\\033[31m\\377\")\"; "
      "mkdir -p -- -rf/..a \" \"; ln -s / root; mkfifo pipe; "
      "printf \"evil\\033[2J\\nlevel=error msg=forged\\377\" > /dev/termination-log; exit 3",
      "    env: [{name: D, value: /tmp/odd-names}]\n"
      "    volumeMounts: [{name: v, mountPath: /tmp/odd-names}]\n",
      "  restartPolicy: Never\n  volumes: [{name: v, emptyDir: {}}]\n");
  fs::create_directory("/tmp/odd-names");
  serve();
  ASSERT_TRUE(eventually([&] { return has_ended(); })) << podvisor_log();
  EXPECT_THAT(cli({"get", "pods"}).out, HasSubstr("Error"));
  EXPECT_THAT(cli({"describe", "pod", "a"}).out, Not(HasSubstr("\033")));
  remove_manifest("a.yaml");
  EXPECT_TRUE(eventually([&] { return pod("a").is_null(); })) << podvisor_log();
  EXPECT_THAT(podvisor_log(), Not(HasSubstr("\nlevel=error msg=forged")));
  fs::remove("/tmp/odd-names");
}

TEST_F(Hostile, WhoForksWithoutEndIsHeldAndGoes) {
  // A shell that cannot fork any more ends; what it has made stays.
  write_script("(while :; do sleep 1000 & done) 2>/dev/null & exec sleep 1000");
  serve({"--pod-max-pids", "30"});
  ASSERT_TRUE(eventually([&] { return pid_of("a", "main") != 0; })) << podvisor_log();
  EXPECT_EQ(cli({"get", "pods"}).exit_code, 0);
  remove_manifest("a.yaml");
  EXPECT_TRUE(eventually([&] { return pod("a").is_null(); })) << podvisor_log();
}

/// Its own network stays reachable by way of the door, which is nobody.
TEST_F(Hostile, TheDoorServesAsNobody) {
  if (run_command({"busybox", "true"}).exit_code != 0) GTEST_SKIP() << "needs busybox";
  fs::create_directory(dir() + "/www");
  std::ofstream(dir() + "/www/index.html") << "hello";
  write_manifest("a.yaml",
                 "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n"
                 "  terminationGracePeriodSeconds: 0\n  containers:\n  - name: main\n"
                 "    command: [busybox, httpd, -f, -p, \"8080\", -h, " +
                     dir() +
                     "/www]\n    ports: [{name: http, containerPort: 8080, hostPort: 8099}]\n"
                     "    readinessProbe: {tcpSocket: {port: 8080}, periodSeconds: 1}\n");
  serve({"--door-user", "64739"});
  ASSERT_TRUE(eventually([&] { return ready("a"); })) << podvisor_log();
  const auto answer = [] {
    return run_command({"curl", "-s", "-m", "10", "http://127.0.0.1:8099/"}).out;
  };
  EXPECT_EQ(answer(), "hello");
  const std::string children = run_command({"pgrep", "-u", "64739"}).out;
  ASSERT_FALSE(children.empty());
  const pid_t door = std::stoi(children);
  const std::string status = read_file("/proc/" + std::to_string(door) + "/status");
  EXPECT_THAT(status, HasSubstr("CapEff:\t0000000000000000"));
  EXPECT_THAT(status, HasSubstr("CapBnd:\t0000000000000000"));
  EXPECT_THAT(status, HasSubstr("NoNewPrivs:\t1"));
  // podvisor dies and is upgraded: it is the same door, and still serves.
  podvisor().signal(SIGKILL);
  podvisor().wait(10s);
  serve({"--door-user", "64739"});
  ASSERT_TRUE(eventually([&] { return ready("a"); })) << podvisor_log();
  EXPECT_EQ(answer(), "hello");
  EXPECT_EQ(run_command({"pgrep", "-u", "64739"}).out, children);
  // Somebody stops it: it does not stay so.
  send(door, SIGSTOP);
  EXPECT_EQ(answer(), "hello");
  // Both die at once, and nothing of the pod changes: there is another door.
  podvisor().signal(SIGKILL);
  podvisor().wait(10s);
  send(door, SIGKILL);
  ASSERT_TRUE(eventually([&] { return !lives(door); }));
  serve({"--door-user", "64739"});
  EXPECT_TRUE(eventually([&] { return answer() == "hello"; })) << podvisor_log();
}

class HostileImage : public ImageHost {
 protected:
  void SetUp() override {
    ImageHost::SetUp();
    if (!IsSkipped()) fs::permissions(dir(), fs::perms(0755));
  }
};

TEST_F(HostileImage, NothingOfPodvisorsIsThereEvenForRoot) {
  const std::string said =
      said_by("for place in " + dir() + "/run " + dir() + "/state " + dir() +
              "/run/podvisor.sock; do "
              "test -e $place && echo $place; done; test -e /run/podvisor && echo run; "
              "cat /proc/[0-9]*/cmdline | grep podviso[r]-pause; "
              "grep podvisor.sock /proc/self/mountinfo; env | grep -i podvisor; echo over");
  EXPECT_EQ(said, "over\n");
}

}  // namespace
}  // namespace podvisor
