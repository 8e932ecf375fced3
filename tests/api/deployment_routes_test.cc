#include <gmock/gmock.h>

#include "api/server_fixture.h"

namespace podvisor {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kWebDeployment = "/apis/apps/v1/namespaces/default/deployments/web";

struct DeploymentRoutes : ApiServerFixture {
  DeploymentRoutes() {
    Deployment web;
    web.metadata.name = "web";
    web.replicas = 3;
    web.selector.match_labels = {{"app", "web"}};
    web.document = R"({"metadata":{"name":"web"},"spec":{"replicas":3,"template":{"spec":{}}}})";
    store.set_deployment(web, kNoon);
    DeploymentStatus status;
    status.observed_generation = 1;
    status.replicas = status.updated = status.ready = 3;
    status.available = 2;
    status.unavailable = 1;
    status.conditions = {
        {"Available", ConditionStatus::True, "MinimumReplicasAvailable", "fine", kNoon, kNoon}};
    store.set_deployment_status("default", "web", status, 4);
    manifests.answer->document = "{}";
  }
  int send(const std::string& request_line, const std::string& type, const std::string& body) {
    auto c = client();
    return c.request(request_line + "\r\nContent-Type: " + type, body);
  }
};

TEST_F(DeploymentRoutes, ShowsItsStatusAsKubernetesDoes) {
  const Json web = get(kWebDeployment);
  EXPECT_EQ(web["apiVersion"], "apps/v1");
  EXPECT_EQ(web["metadata"]["annotations"]["deployment.kubernetes.io/revision"], "4");
  EXPECT_EQ(web["metadata"]["generation"], 1);
  const Json& status = web["status"];
  EXPECT_EQ(status["observedGeneration"], 1);
  EXPECT_EQ(status["updatedReplicas"], 3);
  EXPECT_EQ(status["readyReplicas"], 3);
  EXPECT_EQ(status["availableReplicas"], 2);
  EXPECT_EQ(status["unavailableReplicas"], 1);
  EXPECT_EQ(status["conditions"][0]["type"], "Available");
  EXPECT_EQ(status["conditions"][0]["status"], "True");
  EXPECT_EQ(get("/apis/apps/v1/deployments")["items"].size(), 1U);
  EXPECT_EQ(get("/apis/apps/v1/namespaces/other/deployments")["items"].size(), 0U);
  EXPECT_THAT(get("/apis/apps/v1/namespaces/default/deployments/db", 404)["message"].dump(),
              HasSubstr("deployments.apps"));
}

TEST_F(DeploymentRoutes, ScaleIsReadAndSet) {
  const Json scale = get(std::string(kWebDeployment) + "/scale");
  EXPECT_EQ(scale["kind"], "Scale");
  EXPECT_EQ(scale["spec"]["replicas"], 3);
  EXPECT_EQ(scale["status"]["replicas"], 3);
  EXPECT_EQ(scale["status"]["selector"], "app=web");
  EXPECT_EQ(ask(std::string("PATCH ") + kWebDeployment + "/scale HTTP/1.1", 200,
                R"({"spec":{"replicas":5}})")["kind"],
            "Scale");
  EXPECT_EQ(manifests.asked.back().kind, "Deployment");
  EXPECT_EQ(Json::parse(manifests.asked.back().document)["spec"]["replicas"], 5);
  ask(std::string("PATCH ") + kWebDeployment + "/scale HTTP/1.1", 400, R"({"spec":{}})");
}

TEST_F(DeploymentRoutes, AMergePatchChangesWhatItNames) {
  const std::string line = std::string("PATCH ") + kWebDeployment + " HTTP/1.1";
  EXPECT_EQ(send(line, "application/merge-patch+json", R"({"spec":{"paused":true}})"), 200);
  const Json document = Json::parse(manifests.asked.back().document);
  EXPECT_EQ(document["spec"]["paused"], true);
  EXPECT_EQ(document["spec"]["replicas"], 3);
  EXPECT_EQ(send(line, "application/merge-patch+json", R"({"spec":{"paused":null}})"), 200);
  EXPECT_EQ(Json::parse(manifests.asked.back().document)["spec"]["paused"], false)
      << "as kubectl resumes";
  EXPECT_EQ(send(line, "application/strategic-merge-patch+json",
                 R"({"spec":{"template":{"spec":{"containers":[]}}}})"),
            415);
}

TEST_F(DeploymentRoutes, RolloutsAreShownAndSteered) {
  const std::string path = std::string(kWebDeployment) + "/rollout";
  get(path, 404);
  deployments.shown = RolloutView{};
  deployments.shown->progress = "waiting";
  EXPECT_EQ(get(path)["status"]["message"], "waiting");
  ask("POST " + path + " HTTP/1.1", 200, R"({"action":"undo","toRevision":2})");
  ask("POST " + path + " HTTP/1.1", 200, R"({"action":"pause"})");
  EXPECT_THAT(deployments.asked, ElementsAre("undo web 2", "pause web"));
  EXPECT_TRUE(rollouts.asked.empty());
}

TEST_F(DeploymentRoutes, ADeletedOneIsGone) {
  EXPECT_EQ(ask(std::string("DELETE ") + kWebDeployment + " HTTP/1.1")["status"], "Success");
  EXPECT_THAT(deployments.asked, ElementsAre("remove web"));
  get(kWebDeployment, 404);
}

}  // namespace
}  // namespace podvisor
