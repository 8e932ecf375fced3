// A container's life as a manifest rules it, on real processes: order, hooks, restart rules,
// deadlines, limits of volumes, probes.
#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>

#include "e2e/host.h"

namespace podvisor {
namespace {

using nlohmann::json;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

class Lifecycle : public Host {
 protected:
  /// Pods write here what they do; STORY in a manifest stands for its path.
  [[nodiscard]] std::string story() const { return dir() + "/story"; }
  [[nodiscard]] std::vector<std::string> told() const {
    std::ifstream file(story());
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
  }
  void run_pod(std::string manifest) const {
    for (std::size_t at = 0; (at = manifest.find("STORY", at)) != std::string::npos;)
      manifest.replace(at, 5, story());
    write_manifest("pod.yaml", "apiVersion: v1\nkind: Pod\n" + manifest);
  }
  [[nodiscard]] std::string phase(const std::string& name) const {
    return pod(name).value("/status/phase"_json_pointer, "");
  }
};

constexpr const char* kInOrder = R"(
metadata: {name: web}
spec:
  hostNetwork: true
  terminationGracePeriodSeconds: 5
  initContainers:
  - name: setup
    command: [sh, -c, 'echo setup >>STORY']
  - name: first
    restartPolicy: Always
    command: [sh, -c, "trap 'echo first ended >>STORY; exit 0' TERM; echo first >>STORY; touch STORY.up; while :; do sleep 0.02; done"]
    startupProbe: {exec: {command: [test, -e, STORY.up]}, periodSeconds: 1}
    lifecycle: {preStop: {exec: {command: [sh, -c, 'echo first preStop >>STORY']}}}
  - name: second
    restartPolicy: Always
    command: [sh, -c, "trap 'echo second ended >>STORY; exit 0' TERM; echo second >>STORY; while :; do sleep 0.02; done"]
    lifecycle: {postStart: {exec: {command: [sh, -c, 'sleep 0.1; echo second postStart >>STORY']}}}
  containers:
  - name: main
    command: [sh, -c, "trap 'echo main ended >>STORY; exit 0' TERM; echo main >>STORY; while :; do sleep 0.02; done"]
    lifecycle: {preStop: {exec: {command: [sh, -c, 'sleep 0.3; echo main preStop >>STORY']}}}
)";

TEST_F(Lifecycle, ORD3_TRM9_ContainersStartInOrderAndEndInReverse) {
  serve();
  run_pod(kInOrder);
  ASSERT_TRUE(eventually([&] { return ready("web") && told().size() == 5; })) << podvisor_log();
  EXPECT_EQ(cli({"delete", "pod", "web"}).exit_code, 0);
  EXPECT_THAT(told(),
              ElementsAre("setup", "first", "second", "second postStart", "main", "first preStop",
                          "main preStop", "main ended", "second ended", "first ended"));
}

TEST_F(Lifecycle, HOK2_AFailingPostStartHookEndsItsContainer) {
  serve();
  run_pod(R"(
metadata: {name: web}
spec:
  hostNetwork: true
  restartPolicy: Never
  containers:
  - name: main
    command: [sh, -c, "trap 'exit 7' TERM; while :; do sleep 0.02; done"]
    lifecycle:
      postStart: {exec: {command: [sh, -c, 'echo secret of the hook >&2; exit 1']}}
      preStop: {exec: {command: [sh, -c, 'echo preStop >>STORY']}}
)");
  ASSERT_TRUE(eventually([&] { return phase("web") == "Failed"; })) << podvisor_log();
  EXPECT_EQ(container("web", "main")["state"]["terminated"]["exitCode"], 7);
  EXPECT_THAT(told(), ElementsAre("preStop"));
  const auto said = events("web");
  EXPECT_THAT(said, Contains("FailedPostStartHook PostStartHook failed"));
  EXPECT_THAT(said, testing::Not(Contains(HasSubstr("secret of the hook"))));  // HOK-6
}

constexpr const char* kPreStops = R"(
metadata: {name: web, annotations: {podvisor.io/fast-ready: "true"}}
spec:
  hostNetwork: true
  terminationGracePeriodSeconds: 2
  containers:
  - name: asked
    command: [sh, -c, 'exec python3 -m http.server 8080 --bind 127.0.0.1 2>>STORY']
    readinessProbe: {tcpSocket: {port: 8080}, periodSeconds: 1}
    lifecycle: {preStop: {httpGet: {path: /bye, port: 8080, host: 127.0.0.1}}}
  - name: secure
    command: [sh, -c, 'exec python3 -m http.server 8081 --bind 127.0.0.1 2>>STORY']
    readinessProbe: {tcpSocket: {port: 8081}, periodSeconds: 1}
    lifecycle: {preStop: {httpGet: {path: /plain, port: 8081, scheme: HTTPS}}}
  - name: sleeps
    command: [sh, -c, "trap 'echo sleeper told >>STORY; exit 0' TERM; while :; do sleep 0.02; done"]
    lifecycle: {preStop: {sleep: {seconds: 1}}}
  - name: overruns
    command: [sh, -c, "trap 'echo overrun >>STORY; exit 0' TERM; while :; do sleep 0.02; done"]
    lifecycle: {preStop: {exec: {command: [sleep, '1000']}}}
  - name: fails
    command: [sleep, '1000']
    lifecycle: {preStop: {exec: {command: ['false']}}}
)";

TEST_F(Lifecycle, HOK5_TRM4_EachPreStopHasTheGracePeriodAndNoMore) {
  serve();
  run_pod(kPreStops);
  ASSERT_TRUE(eventually([&] { return ready("web"); })) << podvisor_log();
  const auto before = std::chrono::steady_clock::now();
  EXPECT_EQ(cli({"delete", "pod", "web"}).exit_code, 0);
  const auto took = std::chrono::steady_clock::now() - before;
  EXPECT_GE(took, std::chrono::seconds(2));
  EXPECT_LT(took, std::chrono::seconds(60)) << "a hook is not waited for longer than the grace";
  const auto lines = told();
  EXPECT_THAT(lines, Contains(HasSubstr("\"GET /bye HTTP/1.1\" 404")));  // HOK-5: an answer it is
  EXPECT_THAT(lines, Contains(HasSubstr("\"GET /plain HTTP/1.1\" 404")));
  EXPECT_LT(std::ranges::find(lines, "sleeper told"), std::ranges::find(lines, "overrun"));
  EXPECT_THAT(lines, Contains("overrun"));
  EXPECT_THAT(events("web"), Contains("FailedPreStopHook PreStopHook failed"));
  EXPECT_THAT(events("web"), Contains(testing::StartsWith("LifecycleHTTPFallback ")));
}

constexpr const char* kRestartsAll = R"(
metadata: {name: web, annotations: {podvisor.io/network: none}}
spec:
  restartPolicy: Never
  terminationGracePeriodSeconds: 1
  volumes: [{name: kept, emptyDir: {}}]
  initContainers:
  - name: setup
    command: [sh, -c, 'echo set up; echo setup >>STORY; echo run >>STORY.kept/runs']
    volumeMounts: [{name: kept, mountPath: STORY.kept}]
  containers:
  - name: main
    restartPolicy: Never
    restartPolicyRules:
    - {action: RestartAllContainers, exitCodes: {operator: In, values: [42]}}
    command: [sh, -c, 'echo main >>STORY; while [ ! -e STORY.go ]; do sleep 0.02; done; rm STORY.go; exit 42']
  - name: other
    command: [sleep, '1000']
    volumeMounts: [{name: kept, mountPath: STORY.kept}]
)";

TEST_F(Lifecycle, RAC12_RAC13_RestartAllContainersKeepsSandboxVolumesAndLogs) {
  serve();
  run_pod(kRestartsAll);
  ASSERT_TRUE(eventually([&] { return ready("web"); })) << podvisor_log();
  const int other = pid_of("web", "other");
  const Fd held = hold_namespace(other, "net");
  const std::string net = namespace_of(other, "net");
  std::ofstream(story() + ".go") << "";
  ASSERT_TRUE(eventually([&] {
    return container("web", "other").value("restartCount", 0) == 1 && ready("web");
  })) << podvisor_log();
  eventually([&] { return told().size() == 4; });  // it runs, and may not have come to that yet
  EXPECT_THAT(told(), ElementsAre("setup", "main", "setup", "main"));
  EXPECT_EQ(container("web", "setup")["restartCount"], 1);
  EXPECT_EQ(container("web", "main")["lastState"]["terminated"]["exitCode"], 42);
  EXPECT_NE(pid_of("web", "other"), other);
  EXPECT_FALSE(lives(other));
  const std::string root = "/proc/" + std::to_string(pid_of("web", "other")) + "/root";
  EXPECT_EQ(namespace_of(pid_of("web", "other"), "net"), net);
  EXPECT_EQ(read_file(root + story() + ".kept/runs"), "run\nrun\n");
  EXPECT_EQ(cli({"logs", "web", "-c", "setup", "-p"}).out, "set up\n");
}

TEST_F(Lifecycle, PHS6_APodPastItsDeadlineFails) {
  serve();
  run_pod(R"(
metadata: {name: job}
spec:
  hostNetwork: true
  activeDeadlineSeconds: 1
  terminationGracePeriodSeconds: 1
  containers: [{name: main, command: [sleep, '1000']}]
)");
  ASSERT_TRUE(eventually([&] { return phase("job") == "Failed"; })) << podvisor_log();
  EXPECT_EQ(pod("job")["status"]["reason"], "DeadlineExceeded");
  EXPECT_EQ(pid_of("job", "main"), 0);
}

TEST_F(Lifecycle, VOL3_WhoFillsHisEmptyDirIsEvicted) {
  serve({"--volume-stats-agg-period", "100ms"});
  run_pod(R"(
metadata: {name: hoarder}
spec:
  hostNetwork: true
  volumes: [{name: data, emptyDir: {sizeLimit: 1Mi}}]
  containers:
  - name: main
    command: [sh, -c, 'head -c 3000000 /dev/zero >STORY.data/file; exec sleep 1000']
    volumeMounts: [{name: data, mountPath: STORY.data}]
)");
  ASSERT_TRUE(eventually([&] { return phase("hoarder") == "Failed"; })) << podvisor_log();
  const json status = pod("hoarder")["status"];
  EXPECT_EQ(status["reason"], "Evicted");
  const std::string why = R"(Usage of EmptyDir volume "data" exceeds the limit "1Mi". )";
  EXPECT_EQ(status["message"], why);
  EXPECT_THAT(events("hoarder"), Contains("Evicted " + why));
}

TEST_F(Lifecycle, GRP1_AGrpcProbeMakesReady) {
  serve();
  run_pod(R"(
metadata: {name: rpc, annotations: {podvisor.io/fast-ready: "true", podvisor.io/network: none}}
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - name: main
    command: [)" GRPC_SERVER R"(, '9000']
    readinessProbe: {grpc: {port: 9000}, periodSeconds: 5}
  - name: other
    command: [)" GRPC_SERVER R"(, '9001']
    livenessProbe: {grpc: {port: 9001, service: nobody}, periodSeconds: 5}
)");
  EXPECT_TRUE(eventually([&] { return container("rpc", "main").value("ready", false); },
                         std::chrono::seconds(4)))
      << podvisor_log();
  EXPECT_TRUE(eventually([&] {
    for (const std::string& line : events("rpc"))
      if (line.starts_with("Unhealthy Liveness probe failed: ")) return true;
    return false;
  }));
}

TEST_F(Lifecycle, APodIsReadySoonerThanItsPeriod) {
  serve();
  run_pod(R"(
metadata: {name: web, annotations: {podvisor.io/fast-ready: "true"}}
spec:
  hostNetwork: true
  terminationGracePeriodSeconds: 0
  containers:
  - name: main
    command: [sh, -c, 'sleep 0.3; touch STORY.up; exec sleep 1000']
    readinessProbe: {exec: {command: [test, -e, STORY.up]}, periodSeconds: 30}
)");
  EXPECT_TRUE(eventually([&] { return ready("web"); }, std::chrono::seconds(5)));
}

TEST_F(Lifecycle, LOG_EveryContainersLogIsFollowedAtOnce) {
  serve();
  run_pod(R"(
metadata: {name: web}
spec:
  hostNetwork: true
  terminationGracePeriodSeconds: 1
  initContainers: [{name: setup, command: [echo, ready to go]}]
  containers:
  - {name: main, command: [sh, -c, "trap 'echo bye; exit 0' TERM; echo hello; while :; do sleep 0.02; done"]}
  - {name: side, command: [sh, -c, "echo beside; exec sleep 1000"]}
)");
  ASSERT_TRUE(eventually([&] { return ready("web"); })) << podvisor_log();
  const std::string out = dir() + "/followed";
  Background follower(
      {PODVISOR, "logs", "web", "--all-containers", "--prefix", "-f", "--socket", socket()}, out,
      out + ".err");
  ASSERT_TRUE(eventually([&] { return read_file(out).find("beside") != std::string::npos; }));
  EXPECT_EQ(cli({"delete", "pod", "web"}).exit_code, 0);
  EXPECT_EQ(follower.wait(std::chrono::seconds(5)), 0) << read_file(out + ".err");
  const std::string followed = "\n" + read_file(out);
  for (const char* line : {"[pod/web/setup] ready to go", "[pod/web/main] hello",
                           "[pod/web/side] beside", "[pod/web/main] bye"})
    EXPECT_THAT(followed, HasSubstr("\n" + std::string(line) + "\n"));
}

}  // namespace
}  // namespace podvisor
