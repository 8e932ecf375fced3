// get, describe, scale, rollout, wait, logs and delete of Deployments against a scripted podvisor.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/fake_api.h"
#include "cli/fields.h"
#include "cli/terminal.h"

namespace podvisor::cli {
namespace {

using testing::Contains;
using testing::HasSubstr;

const std::string kAll = "/apis/apps/v1/namespaces/default/deployments";
const std::string kWebDeployment = kAll + "/web";

Json web() {
  return Json::parse(R"({
    "apiVersion": "apps/v1", "kind": "Deployment",
    "metadata": {"name": "web", "namespace": "default", "uid": "u",
                 "creationTimestamp": "2026-03-01T12:00:00Z"},
    "spec": {"replicas": 3, "selector": {"matchLabels": {"app": "web"}},
             "strategy": {"type": "RollingUpdate",
                          "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 0}},
             "template": {"metadata": {"labels": {"app": "web"}},
                          "spec": {"containers": [{"name": "nginx", "image": "nginx:1"}]}}},
    "status": {"replicas": 4, "updatedReplicas": 1, "readyReplicas": 3, "availableReplicas": 2,
               "unavailableReplicas": 2,
               "conditions": [{"type": "Available", "status": "True",
                               "reason": "MinimumReplicasAvailable"}]}})");
}

Json stage_of_rollout(const std::string& stage, const std::string& message) {
  return {{"revision", 2}, {"status", {{"stage", stage}, {"message", message}}}};
}

class DeploymentVerbs : public testing::Test {
 protected:
  Ran podvisor(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--socket", api_.socket()});
    return run_command(std::move(arguments));
  }
  FakeApi api_;
};

TEST_F(DeploymentVerbs, GetPrintsKubectlsColumns) {
  api_.on("GET " + kAll, {.body = Json{{"items", {web()}}, {"metadata", Json::object()}}.dump()});
  EXPECT_EQ(podvisor({"get", "deploy"}).out,
            "NAME   READY   UP-TO-DATE   AVAILABLE   AGE\n"
            "web    3/3     1            2           10m\n");
  EXPECT_EQ(podvisor({"get", "deployments", "-o", "name"}).out, "deployment.apps/web\n");
  EXPECT_THAT(podvisor({"get", "deployments.apps", "-o", "wide"}).out,
              HasSubstr("nginx        nginx:1   app=web"));
}

TEST_F(DeploymentVerbs, DescribeSaysWhatKubectlSays) {
  api_.on("GET " + kWebDeployment, {.body = web().dump()});
  api_.on(
      "GET /api/v1/namespaces/default/events?fieldSelector=involvedObject.name%3Dweb%2C"
      "involvedObject.uid%3Du",
      {.body = R"({"items": []})"});
  const std::string text = podvisor({"describe", "deployment", "web"}).out;
  EXPECT_THAT(text, HasSubstr("3 desired | 1 updated | 4 total | 2 available | 2 unavailable"));
  EXPECT_THAT(text, HasSubstr("0 max unavailable, 25% max surge"));
  EXPECT_THAT(text, HasSubstr("Available  True    MinimumReplicasAvailable"));
}

TEST_F(DeploymentVerbs, ScaleSetsTheNumber) {
  api_.on("PATCH " + kWebDeployment + "/scale", {.body = "{}"});
  const Ran ran = podvisor({"scale", "deployment/web", "--replicas=5"});
  EXPECT_EQ(ran.out, "deployment.apps/web scaled\n") << ran.err;
  EXPECT_EQ(podvisor({"scale", "deployment/web", "--replicas=-1"}).exit_code, 1);
  EXPECT_EQ(podvisor({"scale", "pod/web", "--replicas=1"}).exit_code, 1);
}

TEST_F(DeploymentVerbs, RolloutStatusSpeaksAsKubectlDoes) {
  const auto line = [](const Json& object) {
    return Json{{"type", "MODIFIED"}, {"object", object}}.dump() + "\n";
  };
  api_.on("GET " + kWebDeployment + "/rollout?watch=true",
          {.body = line(stage_of_rollout("Starting", "Waiting for deployment \"web\"...")) +
                   line(stage_of_rollout("Done", "deployment \"web\" successfully rolled out"))});
  const Ran done = podvisor({"rollout", "status", "deployment/web"});
  EXPECT_EQ(done.exit_code, 0);
  EXPECT_EQ(done.out,
            "Waiting for deployment \"web\"...\ndeployment \"web\" successfully rolled out\n");
  api_.on("GET " + kAll + "/db/rollout?watch=true",
          {.body = line(
               stage_of_rollout("Failed", "deployment \"db\" exceeded its progress deadline"))});
  const Ran failed = podvisor({"rollout", "status", "deployment/db"});
  EXPECT_EQ(failed.exit_code, 1);
  EXPECT_EQ(failed.err, "error: deployment \"db\" exceeded its progress deadline\n");
}

TEST_F(DeploymentVerbs, OrdersGoToTheDeployment) {
  api_.on("POST " + kWebDeployment + "/rollout", {.body = "{}"});
  EXPECT_EQ(podvisor({"rollout", "restart", "deploy/web"}).out, "deployment.apps/web restarted\n");
  EXPECT_THAT(api_.requests(), Contains("POST " + kWebDeployment + "/rollout"));
}

TEST_F(DeploymentVerbs, DeleteWaitsUntilItIsGone) {
  api_.on("GET " + kWebDeployment, {.body = web().dump()});
  api_.on("DELETE " + kWebDeployment, {.body = "{}"});
  api_.on("GET " + kAll + "?fieldSelector=metadata.name%3Dweb",
          {.body = R"({"items": [], "metadata": {"resourceVersion": "9"}})"});
  const Ran ran = podvisor({"delete", "deployment", "web"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(ran.out, "deployment.apps \"web\" deleted\n");
}

TEST_F(DeploymentVerbs, WaitForAvailable) {
  api_.on("GET " + kAll + "?fieldSelector=metadata.name%3Dweb",
          {.body = Json{{"items", {web()}}, {"metadata", {{"resourceVersion", "9"}}}}.dump()});
  EXPECT_EQ(podvisor({"wait", "--for=condition=Available", "deployment/web"}).out,
            "deployment.apps/web condition met\n");
}

TEST_F(DeploymentVerbs, LogsTakesOneOfItsPodsAReadyOneFirst) {
  const auto pod = [](const std::string& name, const std::string& ready) {
    return Json{
        {"metadata",
         {{"name", name}, {"ownerReferences", {{{"kind", "Deployment"}, {"name", "web"}}}}}},
        {"spec", {{"containers", {{{"name", "nginx"}}}}}},
        {"status", {{"conditions", {{{"type", "Ready"}, {"status", ready}}}}}}};
  };
  api_.on("GET " + kWebDeployment, {.body = web().dump()});
  api_.on("GET /api/v1/namespaces/default/pods",
          {.body = Json{{"items", {pod("web-a-1", "False"), pod("web-a-2", "True")}}}.dump()});
  api_.on("GET /api/v1/namespaces/default/pods/web-a-2", {.body = pod("web-a-2", "True").dump()});
  api_.on("GET /api/v1/namespaces/default/pods/web-a-2/log?container=nginx", {.body = "hello\n"});
  const Ran ran = podvisor({"logs", "deployment/web"});
  EXPECT_EQ(ran.out, "hello\n") << ran.err;
  EXPECT_EQ(ran.err, "Found 2 pods, using pod/web-a-2\n");
}

}  // namespace
}  // namespace podvisor::cli
