#include "api/api_server.h"

#include <gmock/gmock.h>

#include "api/server_fixture.h"

namespace podvisor {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct ApiServerTest : ApiServerFixture {
  std::vector<std::string> names(const std::string& target) {
    std::vector<std::string> found;
    const Json list = get(target);
    for (const Json& item : list["items"]) found.push_back(item["metadata"]["name"]);
    return found;
  }
};

const std::string kPods = "/api/v1/namespaces/default/pods";

TEST_F(ApiServerTest, ListsPods) {
  add("web");
  add("db");
  const Json list = get("/api/v1/pods");
  EXPECT_EQ(list["kind"], "PodList");
  EXPECT_EQ(list["apiVersion"], "v1");
  EXPECT_EQ(list["metadata"]["resourceVersion"], "2");
  EXPECT_THAT(names("/api/v1/pods"), ElementsAre("db", "web"));
  EXPECT_THAT(names(kPods), ElementsAre("db", "web"));
  EXPECT_THAT(names("/api/v1/namespaces/other/pods"), ElementsAre());
}

TEST_F(ApiServerTest, SelectsPods) {
  add("web");
  const auto db = add("db");
  PodStatus failed = running_status(*db);
  failed.phase = PodPhase::Failed;
  store.set_status(*db, failed);
  EXPECT_THAT(names(kPods + "?fieldSelector=metadata.name%3Dweb"), ElementsAre("web"));
  EXPECT_THAT(names(kPods + "?fieldSelector=status.phase!=Running"), ElementsAre("db"));
  EXPECT_THAT(names(kPods + "?labelSelector=app%20%3D%20db"), ElementsAre("db"));
  EXPECT_THAT(names(kPods + "?labelSelector=!app"), ElementsAre());
  EXPECT_EQ(get(kPods + "?fieldSelector=spec.x%3Dy", 400)["message"],
            "field label not supported: spec.x");
  EXPECT_EQ(get(kPods + "?labelSelector=a%20in%20(b)", 400)["reason"], "BadRequest");
}

TEST_F(ApiServerTest, ReadsOnePod) {
  add("web");
  const Json pod = get(kPods + "/web");
  EXPECT_EQ(pod["kind"], "Pod");
  EXPECT_EQ(pod["metadata"]["uid"], "web-uid");
  EXPECT_EQ(pod["spec"]["containers"][0]["name"], "main");
  EXPECT_EQ(pod["status"]["phase"], "Running");
}

TEST_F(ApiServerTest, APodThatIsNotThereIsAStatus) {
  const Json status = get(kPods + "/x", 404);
  EXPECT_EQ(status, Json::parse(R"({"apiVersion": "v1", "kind": "Status", "metadata": {},
      "status": "Failure", "message": "pods \"x\" not found", "reason": "NotFound",
      "details": {"kind": "pods", "name": "x"}, "code": 404})"));
}

TEST_F(ApiServerTest, DeletesAPodWithItsOwnGracePeriod) {
  add("web");
  const Json pod = ask("DELETE " + kPods + "/web HTTP/1.1");
  EXPECT_EQ(pod["metadata"]["deletionTimestamp"], "2026-11-22T12:00:30Z");
  EXPECT_EQ(pod["metadata"]["deletionGracePeriodSeconds"], 30);
  ASSERT_EQ(control.deletions.size(), 1u);
  EXPECT_EQ(control.deletions[0].name, "default/web");
  EXPECT_EQ(control.deletions[0].grace_period, std::nullopt);
}

TEST_F(ApiServerTest, DeletesAPodWithTheGracePeriodAskedFor) {
  add("web");
  ask("DELETE " + kPods + "/web?gracePeriodSeconds=5 HTTP/1.1");
  ask("DELETE " + kPods + "/web HTTP/1.1", 200, R"({"gracePeriodSeconds": 2})");
  ask("DELETE " + kPods + "/web HTTP/1.1", 200, R"({"kind": "DeleteOptions"})");
  ask("DELETE " + kPods + "/web?gracePeriodSeconds=9223372036854775807 HTTP/1.1");
  ask("DELETE " + kPods + "/web?gracePeriodSeconds=-3 HTTP/1.1");
  std::vector<std::optional<Seconds>> periods;
  for (const auto& deletion : control.deletions) periods.push_back(deletion.grace_period);
  EXPECT_THAT(periods,
              ElementsAre(Seconds(5), Seconds(2), std::nullopt, Seconds(INT32_MAX), Seconds(0)));
}

TEST_F(ApiServerTest, ADeletedPodHasItsTimestampWhenItHappensAtOnceOrLater) {
  add("web");
  control.later = true;
  EXPECT_EQ(ask("DELETE " + kPods + "/web HTTP/1.1")["metadata"]["deletionTimestamp"],
            "2026-11-22T12:00:30Z");
  control.later = false;
  control.at_once = true;
  EXPECT_EQ(ask("DELETE " + kPods +
                "/web?gracePeriodSeconds=0 HTTP/1.1")["metadata"]["deletionTimestamp"],
            "2026-11-22T12:00:00Z");
  get(kPods + "/web", 404);
}

TEST_F(ApiServerTest, DeletingWhatIsNotMeantIsRefused) {
  add("web");
  const std::string line = "DELETE " + kPods + "/web HTTP/1.1";
  EXPECT_EQ(ask("DELETE " + kPods + "/x HTTP/1.1", 404)["reason"], "NotFound");
  EXPECT_EQ(ask(line, 409, R"({"preconditions": {"uid": "other"}})")["reason"], "Conflict");
  EXPECT_EQ(ask(line, 400, "{")["reason"], "BadRequest");
  EXPECT_EQ(ask(line, 400, "[]")["reason"], "BadRequest");
  EXPECT_EQ(ask(line, 400, R"({"gracePeriodSeconds": "5"})")["reason"], "BadRequest");
  EXPECT_EQ(ask("DELETE " + kPods + "/web?gracePeriodSeconds=x HTTP/1.1", 400)["reason"],
            "BadRequest");
  EXPECT_TRUE(control.deletions.empty());
  ask(line, 200, R"({"preconditions": {"uid": "web-uid"}})");
}

TEST_F(ApiServerTest, ARefusalOfTheDaemonIsPassedOn) {
  add("web");
  control.failure = Error{"podvisor is stopping"};
  const Json status = ask("DELETE " + kPods + "/web HTTP/1.1", 500);
  EXPECT_EQ(status["reason"], "InternalError");
  EXPECT_EQ(status["message"], "podvisor is stopping");
}

TEST_F(ApiServerTest, ListsAndSelectsEvents) {
  for (const char* pod : {"web", "db"}) {
    EventObject event;
    event.namespace_ = "default";
    event.involved_name = pod;
    event.involved_uid = std::string(pod) + "-uid";
    event.reason = "Started";
    store.record(event, kNoon);
  }
  EXPECT_EQ(get("/api/v1/events")["kind"], "EventList");
  EXPECT_EQ(get("/api/v1/events")["items"].size(), 2u);
  const Json selected =
      get("/api/v1/namespaces/default/events?fieldSelector=involvedObject.name%3Ddb")["items"];
  ASSERT_EQ(selected.size(), 1u);
  EXPECT_EQ(selected[0]["involvedObject"]["uid"], "db-uid");
}

TEST_F(ApiServerTest, ListsNamespaces) {
  const auto pod = make_pod("web");
  pod->metadata.namespace_ = "shop";
  store.add_pod(pod, {}, kNoon);
  EXPECT_THAT(names("/api/v1/namespaces"), ElementsAre("default", "shop"));
}

TEST_F(ApiServerTest, SaysItsVersion) {
  const Json version = get("/version");
  EXPECT_EQ(version["major"], "1");
  EXPECT_THAT(version["gitVersion"].get<std::string>(), HasSubstr("+podvisor-"));
}

TEST_F(ApiServerTest, SaysItsOwnHealth) {
  for (const char* path : {"/livez", "/healthz", "/readyz"}) EXPECT_EQ(text(path), "ok\n");
}

TEST_F(ApiServerTest, APodsReadinessFollowsItsCondition) {
  const auto pod = add("web", false);
  EXPECT_EQ(text("/readyz/default/web", 503),
            "pod default/web is not ready: ContainersNotReady: containers with unready status: "
            "[main]\n");
  store.set_status(*pod, running_status(*pod, true));
  EXPECT_EQ(text("/readyz/default/web"), "ok\n");
  store.mark_deleted(*pod, kNoon, Seconds(30));
  EXPECT_EQ(text("/readyz/default/web", 503),
            "pod default/web is not ready: it is being deleted\n");
  EXPECT_EQ(text("/readyz/default/x", 503), "pod default/x is not ready: there is no such pod\n");
}

TEST_F(ApiServerTest, RendersMetrics) {
  auto c = client();
  EXPECT_EQ(c.get("/metrics"), 200);
  EXPECT_EQ(c.body(), "metric 1\n");
  EXPECT_EQ(c.header("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
}

TEST_F(ApiServerTest, TcpNeverServesTheApi) {
  add("web");
  const auto port = server->listen_tcp("127.0.0.1:0");
  ASSERT_TRUE(port) << port.error().message;
  for (const char* path :
       {"/metrics", "/livez", "/healthz", "/readyz", "/readyz/default/web", "/http_sd"}) {
    RawClient c(loop, *port);
    EXPECT_EQ(c.get(path), 200) << path;
  }
  for (const char* path :
       {"/api/v1/pods", "/api/v1/namespaces/default/pods/web", "/api/v1/events", "/version",
        "/api/v1/namespaces/default/pods/web/log", "/livez/../api/v1/pods", "//api/v1/pods"}) {
    RawClient c(loop, *port);
    EXPECT_EQ(c.get(path), 404) << path;
  }
  RawClient c(loop, *port);
  EXPECT_EQ(c.request("DELETE /api/v1/namespaces/default/pods/web HTTP/1.1"), 404);
  EXPECT_TRUE(control.deletions.empty());
}

TEST_F(ApiServerTest, ASecondServerOnTheSameSocketIsRefused) {
  ApiServer second(loop, store, {control, node, executor, rollouts, deployments, manifests}, layout,
                   clock, [] { return std::string(); });
  const auto listening = second.listen_unix(socket());
  ASSERT_FALSE(listening);
  EXPECT_THAT(listening.error().message, HasSubstr(socket()));
  EXPECT_EQ(text("/livez"), "ok\n");
}

TEST_F(ApiServerTest, HundredsOfPodsComeInOneList) {
  for (int i = 0; i < 500; ++i) add("pod" + std::to_string(i));
  EXPECT_EQ(get("/api/v1/pods?limit=10")["items"].size(), 500u);
}

}  // namespace
}  // namespace podvisor
