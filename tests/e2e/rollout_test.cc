// Pods replaced by others of their name on the real kernel: apply, diff, rollout, and DIF-2.4.
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>

#include "e2e/host.h"

namespace podvisor {
namespace {

using nlohmann::json;
using testing::Contains;
using testing::HasSubstr;

class Rollout : public Host {
 protected:
  /// web with that command; Ready while the file DIR/up-NAME is there.
  std::string web(const std::string& version, const std::string& annotations = "") const {
    return "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n  annotations: "
           "{podvisor.io/network: "
           "none" +
           (annotations.empty() ? "" : ", " + annotations) +
           "}\nspec:\n  terminationGracePeriodSeconds: 1\n  containers:\n  - name: main\n    "
           "command: [sleep, 1d]\n    env: [{name: VERSION, value: \"" +
           version +
           "\"}]\n    readinessProbe: {periodSeconds: 1, exec: {command: [sh, -c, 'test "
           "-e " +
           dir() + "/up-$VERSION || { echo version $VERSION is not up; exit 1; }']}}\n";
  }
  std::string file(const std::string& text) const {
    write_manifest("../web.yaml", text);
    return dir() + "/web.yaml";
  }
  void up(const std::string& version) const { run_command({"touch", dir() + "/up-" + version}); }
  [[nodiscard]] std::string uid() const { return pod("web")["metadata"]["uid"]; }
  [[nodiscard]] std::string stage() const {
    const CommandResult got =
        run_command({"curl", "-s", "--unix-socket", socket(),
                     "http://podvisor/api/v1/namespaces/default/pods/web/rollout"});
    return json::parse(got.out, nullptr, false).value(json::json_pointer("/status/stage"), "");
  }
  /// web v1 is Ready; its uid.
  std::string v1() {
    serve();
    up("1");
    const CommandResult applied = cli({"apply", "--wait", "-f", file(web("1"))});
    EXPECT_EQ(applied.exit_code, 0) << applied.err << podvisor_log();
    EXPECT_THAT(applied.out, HasSubstr("pod/web created\n"));
    EXPECT_THAT(applied.out, HasSubstr("pod/web successfully rolled out, revision 1\n"));
    return uid();
  }
};

TEST_F(Rollout, DIF3_5_ANewRevisionStartsBesideTheOldOneAndTakesItsPlace) {
  const std::string old = v1();
  const int old_pid = pid_of("web", "main");
  EXPECT_EQ(cli({"apply", "--wait", "-f", file(web("1"))}).out, "pod/web unchanged\n");
  ASSERT_EQ(cli({"apply", "-f", file(web("2"))}).out, "pod/web configured\n");
  EXPECT_EQ(uid(), old);
  EXPECT_TRUE(ready("web"));
  EXPECT_TRUE(lives(old_pid));
  up("2");
  const CommandResult done = cli({"rollout", "status", "pod/web"});
  EXPECT_EQ(done.exit_code, 0) << done.err;
  EXPECT_NE(uid(), old);
  EXPECT_TRUE(ready("web"));
  EXPECT_FALSE(lives(old_pid));
  EXPECT_THAT(done.out, HasSubstr("successfully rolled out, revision 2\n"));
}

TEST_F(Rollout, ROL5_OneThatIsNeverReadyGoesAndTheProbesAnswerIsTold) {
  const std::string old = v1();
  const int old_pid = pid_of("web", "main");
  const CommandResult failed =
      cli({"apply", "--wait", "-f", file(web("2", "podvisor.io/progress-deadline: 2500ms"))});
  EXPECT_EQ(failed.exit_code, 1);
  EXPECT_THAT(failed.err, HasSubstr("ProgressDeadlineExceeded"));
  EXPECT_THAT(failed.err, HasSubstr("version 2 is not up"));
  EXPECT_EQ(uid(), old);
  EXPECT_EQ(pid_of("web", "main"), old_pid);
  EXPECT_TRUE(ready("web"));
  EXPECT_THAT(events("web"), Contains(HasSubstr("RolloutFailed")));
}

TEST_F(Rollout, FailedWithinItsBakeTheOldPodHasTheTrafficAgain) {
  const std::string old = v1();
  up("2");
  cli({"apply", "-f", file(web("2", "podvisor.io/bake: 1h"))});
  ASSERT_TRUE(eventually([&] { return stage() == "Baking"; })) << podvisor_log();
  EXPECT_NE(uid(), old);
  run_command({"rm", dir() + "/up-2"});
  ASSERT_TRUE(eventually([&] { return stage() == "Failed"; })) << podvisor_log();
  EXPECT_EQ(uid(), old);
  EXPECT_TRUE(ready("web"));
  EXPECT_THAT(events("web"), Contains(HasSubstr("RolledBack")));
}

TEST_F(Rollout, UndoHistoryPauseAndResume) {
  v1();
  up("2");
  ASSERT_EQ(cli({"apply", "--wait", "-f", file(web("2"))}).exit_code, 0);
  const CommandResult history = cli({"rollout", "history", "pod/web"});
  EXPECT_THAT(history.out, testing::MatchesRegex("pod/web\nREVISION.*\n1 .*\n2 .*\n"));
  EXPECT_EQ(cli({"rollout", "undo", "pod/web"}).out, "pod/web rolled back\n");
  ASSERT_EQ(cli({"rollout", "status", "pod/web"}).exit_code, 0);
  EXPECT_EQ(pod("web")["spec"]["containers"][0]["env"][0]["value"], "1");
  EXPECT_EQ(cli({"rollout", "pause", "pod/web"}).exit_code, 0);
  cli({"apply", "-f", file(web("2"))});
  EXPECT_EQ(pod("web")["spec"]["containers"][0]["env"][0]["value"], "1");
  EXPECT_EQ(cli({"rollout", "resume", "pod/web"}).exit_code, 0);
  EXPECT_TRUE(
      eventually([&] { return pod("web")["spec"]["containers"][0]["env"][0]["value"] == "2"; }));
  const std::string before = uid();
  EXPECT_EQ(cli({"rollout", "restart", "pod/web"}).exit_code, 0);
  ASSERT_EQ(cli({"rollout", "status", "pod/web"}).exit_code, 0);
  EXPECT_NE(uid(), before);
}

TEST_F(Rollout, DiffSaysWhatWouldChangeAndRestartAndChangesNothing) {
  const std::string old = v1();
  EXPECT_EQ(cli({"diff", "-f", file(web("1"))}).exit_code, 0);
  const CommandResult diff = cli({"diff", "-f", file(web("2"))});
  EXPECT_EQ(diff.exit_code, 1) << diff.err;
  EXPECT_THAT(diff.out, HasSubstr("-          value: \"1\"\n+          value: \"2\"\n"));
  EXPECT_THAT(diff.out, HasSubstr("pod/web: a new pod beside the old one"));
  EXPECT_EQ(uid(), old);
}

TEST_F(Rollout, WhatTheServerRefusesIsNotApplied) {
  v1();
  const CommandResult refused = cli({"apply", "-f", file(web("2") + "  - name: x\n")});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_EQ(stage(), "Done");
}

TEST_F(Rollout, APodBesideIsNotListedAndCountsOnce) {
  v1();
  cli({"apply", "-f", file(web("2"))});
  EXPECT_EQ(json::parse(cli({"get", "pods", "-o", "json"}).out)["items"].size(), 1U);
  const std::string page =
      run_command({"curl", "-s", "--unix-socket", socket(), "http://podvisor/metrics"}).out;
  std::size_t infos = 0;
  for (std::size_t at = 0; (at = page.find("\nkube_pod_info{", at)) != std::string::npos; ++at)
    ++infos;
  EXPECT_EQ(infos, 1U);
}

TEST_F(Rollout, AChangedConfigMapOfTheEnvironmentIsANewPod) {
  serve();
  const auto manifest = [](const std::string& color) {
    return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {color: " + color +
           "}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: web, annotations: "
           "{podvisor.io/network: none}}\nspec:\n  terminationGracePeriodSeconds: 0\n  "
           "containers:\n  - {name: main, command: [sleep, 1d], envFrom: [{configMapRef: {name: "
           "settings}}]}\n";
  };
  write_manifest("web.yaml", manifest("blue"));
  ASSERT_TRUE(eventually([&] { return ready("web"); })) << podvisor_log();
  const std::string old = uid();
  write_manifest("web.yaml", manifest("green"));
  ASSERT_TRUE(eventually([&] { return uid() != old && ready("web"); })) << podvisor_log();
  EXPECT_THAT(read_file("/proc/" + std::to_string(pid_of("web", "main")) + "/environ"),
              HasSubstr("color=green"));
}

/// The sidecar is well in its first instance only: until DIR/go is there, when it does `how`.
/// After that the pod is not whole any more, but a fresh one is, whose emptyDir knows nothing.
std::string with_frail_sidecar(const std::string& dir, const std::string& how,
                               const std::string& probe = "") {
  return R"(
apiVersion: v1
kind: Pod
metadata: {name: web, annotations: {podvisor.io/network: none}}
spec:
  terminationGracePeriodSeconds: 1
  volumes: [{name: state, emptyDir: {}}]
  containers:
  - {name: main, command: [sleep, 1d]}
  - name: sidecar
    command: [sh, -c, 'cd )" +
         dir +
         R"(/state; if [ ! -e ran ]; then touch ran ok; while [ ! -e ../go ]; do sleep 0.02; done; rm ../go ok; )" +
         how + R"(; fi; exec sleep 1d']
    volumeMounts: [{name: state, mountPath: )" +
         dir + R"(/state}]
    resources: {limits: {memory: 24Mi}}
    readinessProbe: {periodSeconds: 1, exec: {command: [test, -e, )" +
         dir + "/state/ok]}}\n" + probe;
}

class Surge : public Rollout {
 protected:
  /// Begins with the frail pod Ready; then the sidecar fails.
  void fail(const std::string& how, const std::string& probe = "") {
    std::filesystem::create_directory(dir() + "/state");
    serve();
    write_manifest("web.yaml", with_frail_sidecar(dir(), how, probe));
    ASSERT_TRUE(eventually([&] { return ready("web"); })) << podvisor_log();
    old_ = uid();
    main_ = pid_of("web", "main");
    run_command({"touch", dir() + "/go"});
  }
  std::string old_;
  int main_ = 0;
};

TEST_F(Surge, DIF2_4_ASidecarsOomBringsAReplacementWhileMainServesOn) {
  fail("exec tail /dev/zero");
  ASSERT_TRUE(eventually([&] { return uid() != old_ && ready("web"); })) << podvisor_log();
  EXPECT_TRUE(eventually([&] { return !lives(main_); })) << podvisor_log();
  const std::vector<std::string> told = events("web");
  EXPECT_THAT(told, Contains(HasSubstr("Container sidecar was OOM-killed; replacing the pod "
                                       "(Surge)")));
  const auto at = [&](const std::string& text) {
    return std::ranges::find_if(told, [&](const auto& line) { return line.starts_with(text); });
  };
  EXPECT_LT(at("TrafficSwitched"), at("Killing Stopping container main"))
      << "main serves until the replacement has taken over\n"
      << testing::PrintToString(told);
  EXPECT_THAT(run_command({"curl", "-s", "--unix-socket", socket(), "http://podvisor/metrics"}).out,
              HasSubstr(R"(trigger="oom")"));
}

TEST_F(Surge, DIF2_4_AFailedLivenessProbeBringsAReplacementToo) {
  fail("touch sick; exec sleep 1d",
       "    livenessProbe: {periodSeconds: 1, timeoutSeconds: 20, failureThreshold: 1, exec: "
       "{command: [sh, -c, 'test ! "
       "-e " +
           dir() + "/state/sick']}}\n");
  ASSERT_TRUE(eventually([&] { return uid() != old_ && ready("web"); })) << podvisor_log();
  EXPECT_THAT(events("web"), Contains(HasSubstr("Container sidecar failed its liveness probe; "
                                                "replacing the pod (Surge)")));
}

TEST_F(Surge, DIF2_4_WholeAgainBeforeThePodKeepsItsPlace) {
  fail("touch ok; exec tail /dev/zero");
  ASSERT_TRUE(eventually([&] {
    const std::vector<std::string> told = events("web");
    return std::ranges::any_of(told, [](const auto& line) {
      return line.starts_with("RolloutNotNeeded") || line.starts_with("TrafficSwitched");
    });
  })) << podvisor_log();
  ASSERT_TRUE(eventually([&] { return ready("web"); })) << podvisor_log();
}

}  // namespace
}  // namespace podvisor
