// DIF-2 with Recreate on the real kernel (rollout_test.cc has Surge): a sidecar that allocates past
// its limit, one whose probe fails.
#include <gmock/gmock.h>
#include <signal.h>

#include <algorithm>

#include "e2e/host.h"

namespace podvisor {
namespace {

using nlohmann::json;

/// main sleeps; the sidecar does what `script` says, with a memory limit of 24 MiB.
std::string with_sidecar(const std::string& script,
                         const std::string& annotations = "{podvisor.io/replace: Recreate}",
                         const std::string& more = "") {
  return R"(
apiVersion: v1
kind: Pod
metadata: {name: web, annotations: )" +
         annotations + R"(}
spec:
  terminationGracePeriodSeconds: 2
  containers:
  - name: main
    command: [sleep, infinity]
  - name: sidecar
    command: [sh, -c, ')" +
         script + R"(']
    resources: {limits: {memory: 24Mi}})" +
         more + "\n";
}

/// Allocates without end once the test has made the file.
std::string oom_when(const std::string& file) {
  return "while [ ! -e " + file + " ]; do sleep 0.02; done; rm " + file + "; exec tail /dev/zero";
}

class PodRestart : public Host {
 protected:
  void touch(const std::string& name) const { run_command({"touch", dir() + "/" + name}); }
  [[nodiscard]] bool runs(int restarts) const {
    return container("web", "sidecar").value("restartCount", -1) == restarts && ready("web");
  }
  [[nodiscard]] static std::string last_reason(const json& status) {
    return status.value(json::json_pointer("/lastState/terminated/reason"), "");
  }
};

TEST_F(PodRestart, DIF2_1_ASidecarsOomMakesEverythingAnew) {
  serve();
  write_manifest("web.yaml", with_sidecar(oom_when(dir() + "/go")));
  ASSERT_TRUE(eventually([&] { return runs(0); }));
  const json before = pod("web");
  const int main_before = pid_of("web", "main");
  const Fd held = hold_namespace(main_before, "net");  // else its inode number may be used again
  const std::string net_before = namespace_of(main_before, "net");
  touch("go");
  ASSERT_TRUE(eventually([&] { return runs(1); })) << podvisor_log();

  const json main = container("web", "main");
  EXPECT_EQ(last_reason(container("web", "sidecar")), "OOMKilled");
  EXPECT_EQ(container("web", "sidecar")["lastState"]["terminated"]["exitCode"], 137);
  EXPECT_EQ(last_reason(main), "RestartingAllContainers");
  EXPECT_EQ(main["restartCount"], 1);
  EXPECT_EQ(pod("web")["metadata"]["uid"], before["metadata"]["uid"]);
  EXPECT_NE(pid_of("web", "main"), main_before);
  EXPECT_NE(namespace_of(pid_of("web", "main"), "net"), net_before);
  EXPECT_FALSE(lives(main_before));
}

TEST_F(PodRestart, DIF2_10_TheEventsTellTheStoryInOrder) {
  serve();
  write_manifest("web.yaml", with_sidecar(oom_when(dir() + "/go")));
  ASSERT_TRUE(eventually([&] { return runs(0); }));
  touch("go");
  ASSERT_TRUE(eventually([&] { return runs(1); })) << podvisor_log();
  const std::vector<std::string> told = events("web");
  const auto at = [&](const std::string& text) {
    return std::ranges::find_if(told, [&](const auto& line) { return line.starts_with(text); });
  };
  EXPECT_LT(at("OOMKilling Container sidecar was OOM-killed"), at("SidecarFailed"))
      << testing::PrintToString(told);
  EXPECT_LT(at("SidecarFailed Container sidecar was OOM-killed; restarting the whole pod"),
            at("Killing Stopping container main"));
  EXPECT_NE(at("Killing Stopping container main"), told.end());
}

TEST_F(PodRestart, DIF2_7_ASecondOomBacksOff) {
  serve({"--max-container-restart-period", "2s"});
  write_manifest("web.yaml", with_sidecar(oom_when(dir() + "/go")));
  ASSERT_TRUE(eventually([&] { return runs(0); }));
  touch("go");
  ASSERT_TRUE(eventually([&] { return runs(1); })) << podvisor_log();
  touch("go");
  ASSERT_TRUE(eventually([&] {
    return container("web", "sidecar").value(json::json_pointer("/state/waiting/reason"), "") ==
           "CrashLoopBackOff";
  })) << podvisor_log();
  EXPECT_EQ(container("web", "main")["state"]["waiting"]["reason"], "RestartingAllContainers");
  EXPECT_FALSE(ready("web"));
  ASSERT_TRUE(eventually([&] { return runs(2); })) << podvisor_log();
}

TEST_F(PodRestart, DIF2_1_AFailedLivenessProbeOfASidecarMakesEverythingAnew) {
  serve({"--max-container-restart-period", "1s"});
  write_manifest(
      "web.yaml",
      with_sidecar("sleep infinity", "{podvisor.io/replace: Recreate}",
                   R"(
    livenessProbe: {exec: {command: [test, "!", -e, )" +
                       dir() +
                       R"(/sick]}, periodSeconds: 1, timeoutSeconds: 20, failureThreshold: 1})"));
  ASSERT_TRUE(eventually([&] { return runs(0); }));
  const Fd held = hold_namespace(pid_of("web", "main"), "net");
  const std::string net_before = namespace_of(pid_of("web", "main"), "net");
  touch("sick");
  // As long as it is there, the next one fails at once.
  ASSERT_TRUE(eventually([&] { return container("web", "main").value("restartCount", 0) >= 1; }))
      << podvisor_log();
  run_command({"rm", dir() + "/sick"});
  ASSERT_TRUE(eventually([&] { return ready("web"); }, std::chrono::seconds(40))) << podvisor_log();
  EXPECT_NE(namespace_of(pid_of("web", "main"), "net"), net_before);
  EXPECT_EQ(last_reason(container("web", "main")), "RestartingAllContainers");
}

TEST_F(PodRestart, DIF2_1_TheMainContainersOomRestartsItAlone) {
  serve();
  write_manifest("web.yaml", with_sidecar(oom_when(dir() + "/go"),
                                          "{kubectl.kubernetes.io/default-container: sidecar}"));
  ASSERT_TRUE(eventually([&] { return runs(0); }));
  const int other = pid_of("web", "main");
  touch("go");
  ASSERT_TRUE(eventually([&] { return runs(1); })) << podvisor_log();
  EXPECT_EQ(pid_of("web", "main"), other);
  EXPECT_EQ(last_reason(container("web", "sidecar")), "OOMKilled");
}

TEST_F(PodRestart, RES11_DIF2_1_RestartScopeContainerIsKubernetesBehaviour) {
  serve();
  write_manifest("web.yaml",
                 with_sidecar(oom_when(dir() + "/go"), "{podvisor.io/restart-scope: container}"));
  ASSERT_TRUE(eventually([&] { return runs(0); }));
  const int main = pid_of("web", "main");
  touch("go");
  ASSERT_TRUE(eventually([&] { return runs(1); })) << podvisor_log();
  EXPECT_EQ(pid_of("web", "main"), main);
}

TEST_F(PodRestart, DIF2_1_ANoncriticalSidecarLeavesThePodReady) {
  serve();
  write_manifest("web.yaml",
                 with_sidecar("sleep infinity", "{podvisor.io/noncritical: sidecar}", R"(
    readinessProbe: {exec: {command: ["false"]}, periodSeconds: 1})"));
  ASSERT_TRUE(eventually([&] { return ready("web"); })) << podvisor_log();
  EXPECT_EQ(container("web", "sidecar")["ready"], false);
}

TEST_F(PodRestart, SBX2_AKilledPauseMakesANewSandbox) {
  serve();
  write_manifest("web.yaml", with_sidecar("sleep infinity"));
  ASSERT_TRUE(eventually([&] { return runs(0); }));
  const int main = pid_of("web", "main");
  send(parent_of(main), SIGKILL);
  ASSERT_TRUE(eventually([&] { return runs(1); })) << podvisor_log();
  EXPECT_FALSE(lives(main)) << "a process of the old sandbox is alive";
  EXPECT_THAT(events("web"),
              testing::Contains("SandboxChanged Pod sandbox changed, it will be killed and "
                                "re-created."));
}

}  // namespace
}  // namespace podvisor
