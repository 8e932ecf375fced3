// Deployments on the real kernel: from a directory, by the API, rolled out, scaled, deleted.
#include <gmock/gmock.h>
#include <signal.h>

#include <regex>
#include <set>

#include "e2e/host.h"

namespace podvisor {
namespace {

using nlohmann::json;
using testing::Contains;
using testing::HasSubstr;

class DeploymentE2e : public Host {
 protected:
  /// web with pods that sleep; Ready while the file DIR/up-VERSION is there.
  std::string web(const std::string& version, int replicas = 2,
                  const std::string& more = "") const {
    return "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: " +
           std::to_string(replicas) + "\n" + more +
           "  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}, "
           "annotations: {podvisor.io/network: none, podvisor.io/fast-ready: \"true\"}}\n    "
           "spec:\n      terminationGracePeriodSeconds: 0\n      containers:\n      - name: main\n "
           " "
           "      command: [sh, -c, 'echo this is $VERSION; exec sleep 1d']\n        env: [{name: "
           "VERSION, value: \"" +
           version +
           "\"}]\n        readinessProbe: {periodSeconds: 1, exec: {command: [sh, -c, 'test -e " +
           dir() + "/up-$VERSION']}}\n";
  }
  std::string file(const std::string& text) const {
    write_manifest("../web.yaml", text);
    return dir() + "/web.yaml";
  }
  void up(const std::string& version) const { run_command({"touch", dir() + "/up-" + version}); }
  [[nodiscard]] json pods() const {
    return json::parse(cli({"get", "pods", "-l", "app=web", "-o", "json"}).out, nullptr, false)
        .value("items", json::array());
  }
  [[nodiscard]] std::multiset<std::string> versions() const {
    std::multiset<std::string> all;
    for (const json& pod : pods()) all.insert(pod["spec"]["containers"][0]["env"][0]["value"]);
    return all;
  }
  /// A rollout has ended when its new pods are there: the last old one may still be ending.
  void expect_versions(const std::multiset<std::string>& wanted) const {
    EXPECT_TRUE(eventually([&] { return versions() == wanted; }))
        << testing::PrintToString(versions()) << podvisor_log();
  }
  [[nodiscard]] json status() const {
    const json got = json::parse(cli({"get", "deploy", "web", "-o", "json"}).out, nullptr, false);
    return got.is_object() ? got.value("status", json::object()) : json::object();
  }
  void apply(const std::string& manifest) {
    const CommandResult applied = cli({"apply", "--wait", "-f", file(manifest)});
    ASSERT_EQ(applied.exit_code, 0) << applied.out << applied.err << podvisor_log();
    ASSERT_THAT(applied.out, HasSubstr("deployment \"web\" successfully rolled out\n"));
  }
};

TEST_F(DeploymentE2e, FromADirectoryItIsMadeReplacedAndDeleted) {
  up("1");
  up("2");
  serve();
  write_manifest("web.yaml", web("1"));
  ASSERT_TRUE(eventually([&] { return cli({"get", "deployment", "web"}).exit_code == 0; }));
  EXPECT_EQ(cli({"wait", "--for=condition=Available", "deployment/web"}).out,
            "deployment.apps/web condition met\n")
      << podvisor_log();
  for (const json& pod : pods()) {
    const std::string hash = pod["metadata"]["labels"]["pod-template-hash"];
    EXPECT_TRUE(pod["metadata"]["name"].get<std::string>().starts_with("web-" + hash + "-"));
    EXPECT_EQ(pod["metadata"]["ownerReferences"][0]["kind"], "Deployment");
  }
  write_manifest("web.yaml", web("2"));
  expect_versions({"2", "2"});
  remove_manifest("web.yaml");
  ASSERT_TRUE(eventually([&] { return pods().empty(); })) << podvisor_log();
  EXPECT_EQ(cli({"get", "deployment", "web"}).exit_code, 1);
}

TEST_F(DeploymentE2e, ByTheCommandLine) {
  up("1");
  up("2");
  serve();
  apply(web("1"));
  EXPECT_EQ(cli({"apply", "-f", file(web("1"))}).out, "deployment/web unchanged\n");
  EXPECT_THAT(cli({"get", "deploy"}).out, testing::ContainsRegex("web +2/2 +2 +2 "));
  const CommandResult diff = cli({"diff", "-f", file(web("2"))});
  EXPECT_EQ(diff.exit_code, 1) << diff.err;
  EXPECT_THAT(diff.out, HasSubstr("deployment/web: new pods beside the old ones"));
  apply(web("2"));
  expect_versions({"2", "2"});
  EXPECT_THAT(cli({"rollout", "history", "deployment/web"}).out,
              testing::MatchesRegex("deployment.apps/web\nREVISION.*\n1 .*\n2 .*\n"));
  EXPECT_EQ(cli({"rollout", "undo", "deployment/web"}).out, "deployment.apps/web rolled back\n");
  EXPECT_EQ(cli({"rollout", "status", "deployment/web"}).exit_code, 0);
  expect_versions({"1", "1"});
  EXPECT_EQ(cli({"scale", "deployment/web", "--replicas=3"}).out, "deployment.apps/web scaled\n");
  ASSERT_TRUE(eventually([&] { return status().value("availableReplicas", 0) == 3; }));
  EXPECT_EQ(cli({"scale", "deployment/web", "--replicas=1"}).exit_code, 0);
  ASSERT_TRUE(eventually([&] { return pods().size() == 1; }));
  const std::string before = pods()[0]["metadata"]["name"];
  EXPECT_EQ(cli({"rollout", "restart", "deployment/web"}).exit_code, 0);
  EXPECT_EQ(cli({"rollout", "status", "deployment/web"}).exit_code, 0);
  ASSERT_TRUE(
      eventually([&] { return pods().size() == 1 && pods()[0]["metadata"]["name"] != before; }));
  EXPECT_THAT(cli({"logs", "deployment/web"}).out, HasSubstr("this is 1"));
  const std::string text = cli({"describe", "deployment", "web"}).out;
  EXPECT_THAT(text, HasSubstr("1 desired | 1 updated | 1 total | 1 available | 0 unavailable"));
  EXPECT_THAT(text, HasSubstr("ScalingReplicaSet"));
  EXPECT_THAT(run_command({"curl", "-s", "--unix-socket", socket(), "http://podvisor/metrics"}).out,
              HasSubstr("kube_deployment_status_replicas_available{namespace=\"default\","
                        "deployment=\"web\"} 1\n"));
  EXPECT_EQ(cli({"delete", "deployment", "web"}).out, "deployment.apps \"web\" deleted\n");
  ASSERT_TRUE(eventually([&] { return pods().empty(); }));
}

TEST_F(DeploymentE2e, ROL5_OneThatIsNeverReadyIsTold) {
  up("1");
  serve();
  apply(web("1"));
  const CommandResult failed =
      cli({"apply", "--wait", "-f", file(web("2", 2, "  progressDeadlineSeconds: 2\n"))});
  EXPECT_EQ(failed.exit_code, 1);
  EXPECT_THAT(failed.err, HasSubstr("deployment \"web\" exceeded its progress deadline"));
  EXPECT_EQ(status()["availableReplicas"], 2);
}

TEST_F(DeploymentE2e, RunRunsIt) {
  up("1");
  std::vector<std::string> argv{PODVISOR, "run", file(web("1"))};
  const auto where = places();
  argv.insert(argv.end(), where.begin(), where.end());
  Background podvisor(argv, dir() + "/out", dir() + "/err");
  ASSERT_TRUE(eventually([&] { return status().value("availableReplicas", 0) == 2; }))
      << read_file(dir() + "/err");
  podvisor.signal(SIGINT);
  EXPECT_EQ(podvisor.wait(std::chrono::seconds(20)), 0) << read_file(dir() + "/err");
}

TEST_F(DeploymentE2e, ItsPodsAndItsHistoryOutlivePodvisor) {
  for (const char* version : {"0", "1"}) up(version);
  serve();
  for (const char* version : {"0", "1"}) apply(web(version));
  expect_versions({"1", "1"});
  std::set<std::string> before;
  for (const json& each : pods()) before.insert(each["metadata"]["uid"]);
  ASSERT_EQ(before.size(), 2u);
  const auto revisions = [this] {  // without their ages
    const std::string told = cli({"rollout", "history", "deployment/web"}).out;
    return std::regex_replace(told, std::regex(" +[0-9]+s +"), " ");
  };
  const std::string history = revisions();
  EXPECT_THAT(history, HasSubstr("\n2 <none>"));
  podvisor().signal(SIGKILL);
  ASSERT_NE(podvisor().wait(std::chrono::seconds(10)), -1);
  serve();
  ASSERT_TRUE(eventually([&] { return status().value("availableReplicas", 0) == 2; }))
      << podvisor_log();
  std::set<std::string> after;
  for (const json& each : pods()) after.insert(each["metadata"]["uid"]);
  EXPECT_EQ(after, before);
  EXPECT_EQ(revisions(), history);
  const CommandResult undone = cli({"rollout", "undo", "deployment/web", "--to-revision=1"});
  ASSERT_EQ(undone.exit_code, 0) << undone.err;
  expect_versions({"0", "0"});
  EXPECT_EQ(cli({"delete", "deployment", "web"}).exit_code, 0);
  EXPECT_TRUE(eventually([&] { return pods().empty(); }));
}

}  // namespace
}  // namespace podvisor
