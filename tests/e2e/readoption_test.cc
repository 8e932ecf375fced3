// podvisor ends, in whatever way, and is started again: the pods do not notice.
#include <gmock/gmock.h>
#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include "e2e/host.h"

namespace podvisor {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using namespace std::chrono_literals;

std::string script_pod(const std::string& name, const std::string& script,
                       const std::string& more = "") {
  return "apiVersion: v1\nkind: Pod\nmetadata: {name: " + name +
         "}\nspec:\n  terminationGracePeriodSeconds: 1\n  containers:\n  - name: main\n"
         "    command: [sh, -c, '" +
         script + "']\n" + more;
}

const std::string kProbed =
    "    readinessProbe: {exec: {command: [test, -e, /proc/self]}, periodSeconds: 1}\n";
const std::string kForever = "trap \"exit 0\" TERM; while :; do sleep 0.1; done";

class Readoption : public Host {
 protected:
  void start(const std::string& text) {
    write_manifest("web.yaml", text);
    serve();
    ASSERT_TRUE(eventually([&] { return ready("web"); })) << podvisor_log();
  }
  void end(int signal) {
    podvisor().signal(signal);
    ASSERT_EQ(podvisor().wait(20s), signal == SIGKILL ? 128 + SIGKILL : 0) << podvisor_log();
  }
  void end_and_serve(int signal) {
    end(signal);
    serve();
  }
  /// That has not ended.
  static int pid_of_door() {
    const CommandResult found =
        run_command({"pgrep", "-x", "-r", "R,S,D,T", "podvisor-door", "--ns",
                     std::to_string(::getpid()), "--nslist", "net"});
    return found.exit_code == 0 ? std::stoi(found.out) : 0;
  }
  /// Without what counts changes of the store.
  json steady(const std::string& name) {
    json object = pod(name);
    object["metadata"].erase("resourceVersion");
    for (const char* each : {"hostIP", "hostIPs"})  // this host has no address before its bridge
      object["status"].erase(each);
    return object;
  }
  std::string state_file(const std::string& name) {
    const std::string uid = pod(name)["metadata"]["uid"];
    return dir() + "/state/pods/" + uid + "/state.json";
  }
};

TEST_F(Readoption, NothingChangesForAPodThatRunsOn) {
  start(script_pod("web", kForever, kProbed));
  const json before = steady("web");
  const int pid = pid_of("web", "main");
  for (const int signal : {SIGTERM, SIGKILL, SIGKILL}) {
    end_and_serve(signal);
    ASSERT_TRUE(eventually([&] { return ready("web"); }));
    EXPECT_EQ(steady("web"), before) << json::diff(before, steady("web")).dump(1);
    EXPECT_EQ(pid_of("web", "main"), pid);
  }
  const CommandResult ran =
      run_command({PODVISOR, "exec", "web", "--socket", socket(), "--", "true"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
}

TEST_F(Readoption, AnotherPodvisorTakesThePlaceOfThisOne) {
  start(script_pod("web", kForever, kProbed));
  const json before = steady("web");
  podvisor().signal(SIGUSR2);
  ASSERT_TRUE(eventually([&] {
    const std::string log = podvisor_log();
    const std::size_t anew = log.find("starting anew");
    return anew != std::string::npos && log.find("msg=\"serving\"", anew) != std::string::npos;
  })) << podvisor_log();
  ASSERT_TRUE(podvisor().running());
  EXPECT_EQ(steady("web"), before);
}

TEST_F(Readoption, WhatIsSaidDuringAnUpgradeIsHeardByTheNextOne) {
  start(script_pod("web", kForever, kProbed));
  const int pid = pid_of("web", "main");
  for (int second = 0; second < 5; ++second) podvisor().signal(SIGUSR2);
  podvisor().signal(SIGTERM);
  EXPECT_EQ(podvisor().wait(20s), 0) << podvisor_log();
  EXPECT_TRUE(lives(pid)) << "the pods run on";
  serve();
  EXPECT_TRUE(eventually([&] { return ready("web"); }));
}

/// As the kernel says: "podvisor-door Z".
std::vector<std::string> children_of(int pid) {
  std::vector<std::string> found;
  std::ifstream children("/proc/" + std::to_string(pid) + "/task/" + std::to_string(pid) +
                         "/children");
  for (int child = 0; children >> child;) {
    const std::string stat = read_file("/proc/" + std::to_string(child) + "/stat");
    const std::size_t open = stat.find('('), close = stat.rfind(')');
    if (close != std::string::npos)
      found.push_back(stat.substr(open + 1, close - open - 1) + stat.substr(close + 1, 2));
  }
  return found;
}

TEST_F(Readoption, WhoWasStartedBeforeAnUpgradeIsReapedAfterIt) {
  start(script_pod("web", kForever, "    ports: [{containerPort: 80, hostPort: 8080}]\n"));
  const int door = pid_of_door();
  ASSERT_GT(door, 0);
  podvisor().signal(SIGUSR2);
  ASSERT_TRUE(
      eventually([&] { return podvisor_log().find("took over the door") != std::string::npos; }));
  send(door, SIGKILL);
  EXPECT_TRUE(eventually([&] { return pid_of_door() > 0 && pid_of_door() != door; }));
  EXPECT_THAT(children_of(podvisor().pid()), testing::Each(testing::Not(testing::EndsWith(" Z"))));
}

TEST_F(Readoption, WhatHappensMeanwhileIsAnExitWithItsCode) {
  start(script_pod("web", "trap \"exit 7\" TERM; while :; do sleep 0.1; done", kProbed));
  const int pid = pid_of("web", "main");
  end(SIGKILL);
  send(pid, SIGTERM);
  ASSERT_TRUE(eventually([&] { return !lives(pid); }));
  serve();
  ASSERT_TRUE(eventually([&] { return container("web", "main")["restartCount"] == 1; }));
  EXPECT_EQ(container("web", "main")["lastState"]["terminated"]["exitCode"], 7);
  EXPECT_EQ(container("web", "main")["lastState"]["terminated"]["reason"], "Error");
}

TEST_F(Readoption, BackOffAndRestartCountsGoOn) {
  write_manifest("web.yaml", script_pod("web", "exit 3"));
  serve();
  const auto backs_off = [&] {
    return container("web", "main")["state"].value(json::json_pointer("/waiting/reason"), "") ==
           "CrashLoopBackOff";
  };
  ASSERT_TRUE(eventually(backs_off)) << podvisor_log();
  const json before = container("web", "main");
  end_and_serve(SIGKILL);
  EXPECT_TRUE(backs_off());
  EXPECT_EQ(container("web", "main"), before);
}

TEST_F(Readoption, ManifestsThatChangedMeanwhileAreActedUpon) {
  write_manifest("gone.yaml", script_pod("gone", kForever));
  write_manifest("broken.yaml", script_pod("broken", kForever));
  start(script_pod("web", kForever));
  ASSERT_TRUE(eventually([&] { return ready("gone") && ready("broken"); }));
  const std::string uid = pod("web")["metadata"]["uid"];
  const int broken = pid_of("broken", "main");
  end(SIGTERM);
  write_manifest("web.yaml", script_pod("web", "sleep 1d"));
  write_manifest("broken.yaml", "kind: [");
  write_manifest("fresh.yaml", script_pod("fresh", kForever));
  remove_manifest("gone.yaml");
  serve();
  ASSERT_TRUE(eventually([&] { return ready("fresh") && ready("web") && pod("gone").is_null(); }));
  ASSERT_TRUE(eventually([&] { return pod("web")["metadata"]["uid"] != uid; }));
  EXPECT_EQ(pid_of("broken", "main"), broken) << "a file that does not parse stops nothing";
}

TEST_F(Readoption, AFileThatGoesWhilePodvisorIsAwayTakesAlongWhatWasJustMade) {
  serve();
  write_manifest("web.yaml", script_pod("web", kForever));
  while (!fs::exists(dir() + "/state/pods") || fs::is_empty(dir() + "/state/pods")) {
  }
  podvisor().signal(SIGKILL);  // it has hardly begun
  ASSERT_EQ(podvisor().wait(20s), 128 + SIGKILL);
  EXPECT_TRUE(fs::exists(dir() + "/state/sources/web.yaml"));
  remove_manifest("web.yaml");
  serve();
  EXPECT_TRUE(eventually([&] { return fs::is_empty(dir() + "/state/pods"); })) << podvisor_log();
}

TEST_F(Readoption, ObjectsOfTheApiAreStillThere) {
  start(script_pod("web", kForever));
  std::ofstream(dir() + "/api.yaml")
      << "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {a: b}\n---\n"
      << script_pod("by-hand", kForever);
  ASSERT_EQ(cli({"apply", "-f", dir() + "/api.yaml"}).exit_code, 0);
  ASSERT_TRUE(eventually([&] { return ready("by-hand"); }));
  const int pid = pid_of("by-hand", "main");
  const std::string before = cli({"get", "configmap", "settings", "-o", "json"}).out;
  end_and_serve(SIGTERM);
  EXPECT_EQ(pid_of("by-hand", "main"), pid);
  json first = json::parse(before),
       then = json::parse(cli({"get", "configmap", "settings", "-o", "json"}).out);
  for (json* each : {&first, &then}) (*each)["metadata"].erase("resourceVersion");
  EXPECT_EQ(then, first);
  end_and_serve(SIGKILL);
  EXPECT_EQ(pid_of("by-hand", "main"), pid);
  fs::remove_all(dir() + "/state/objects");  // else its state directory would rightly stay
}

TEST_F(Readoption, ACgroupThatWasLeftBehindGoesWithItsPod) {
  start(script_pod("web", kForever));
  const std::string name = "pod" + pod("web")["metadata"]["uid"].get<std::string>();
  const std::string all = "find /sys/fs/cgroup -type d -name " + name;
  run_command({"sh", "-c", "for each in $(" + all + "); do mkdir $each/left; done"});
  end_and_serve(SIGKILL);
  remove_manifest("web.yaml");
  EXPECT_TRUE(eventually([&] {
    return run_command({"sh", "-c", all}).out.empty();
  })) << podvisor_log();
}

TEST_F(Readoption, ABrokenStateCostsTheHistoryButNoContainer) {
  start(script_pod("web", kForever, kProbed));
  const int pid = pid_of("web", "main");
  const std::string file = state_file("web");
  end(SIGKILL);
  fs::resize_file(file, fs::file_size(file) / 2);
  serve();
  ASSERT_TRUE(eventually([&] { return ready("web"); })) << podvisor_log();
  EXPECT_EQ(pid_of("web", "main"), pid);
  const auto told = events("web");
  EXPECT_TRUE(std::ranges::any_of(told, [](const auto& e) { return e.starts_with("StateLost"); }))
      << testing::PrintToString(told);
  EXPECT_TRUE(fs::exists(file + ".set-aside"));
}

TEST_F(Readoption, APodWhoseManifestIsLostIsFoundInItsRevision) {
  start(script_pod("web", kForever, kProbed));
  const int pid = pid_of("web", "main");
  const std::string file = fs::path(state_file("web")).parent_path() / "pod.json";
  end(SIGKILL);
  std::ofstream(file) << "{}";
  serve();
  ASSERT_TRUE(eventually([&] { return ready("web"); })) << podvisor_log();
  EXPECT_EQ(pid_of("web", "main"), pid);
}

TEST_F(Readoption, TheSecondOnOneStateDirectoryIsToldThePidOfTheFirst) {
  start(script_pod("web", kForever));
  std::vector<std::string> argv{PODVISOR, "serve", "--manifests", manifests()};
  const auto where = places();
  argv.insert(argv.end(), where.begin(), where.end());
  const CommandResult second = run_command(argv);
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_NE(second.err.find("pid " + std::to_string(podvisor().pid())), std::string::npos)
      << second.err;
}

TEST_F(Readoption, StopAllStopsEverything) {
  start(script_pod("web", kForever));
  end_and_serve(SIGTERM);
  EXPECT_EQ(cli({"stop"}).exit_code, 1) << "not without --all";
  const CommandResult stopped = cli({"stop", "--all"});
  EXPECT_EQ(stopped.exit_code, 0) << stopped.err;
  EXPECT_EQ(stopped.out, "stopping 1 pod\npodvisor has ended\n");
  EXPECT_EQ(podvisor().wait(10s), 0);
}

TEST_F(Readoption, AKillAtAnyMomentOfARolloutEndsInTheNewPodAlone) {
  start(script_pod("web", kForever, kProbed));
  const unsigned seed = std::random_device{}();
  RecordProperty("seed", static_cast<int>(seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 6; ++round) {
    const std::string days = std::to_string(round + 1) + "d";
    write_manifest("web.yaml", script_pod("web", "sleep " + days, kProbed));
    // Any moment: that is what is tried.
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 400));
    end_and_serve(SIGKILL);
    ASSERT_TRUE(eventually([&] {
      const json now = pod("web");
      return ready("web") && now["spec"]["containers"][0]["command"][2] == "sleep " + days;
    })) << "seed "
        << seed << " round " << round << "\n"
        << podvisor_log();
    ASSERT_TRUE(eventually([&] {
      const auto root = fs::directory_iterator(dir() + "/run/pods");
      return std::distance(fs::begin(root), fs::end(root)) == 1;
    })) << "seed "
        << seed << " round " << round << ": another pod is left\n"
        << podvisor_log();
  }
}

}  // namespace
}  // namespace podvisor
