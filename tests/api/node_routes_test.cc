#include <gmock/gmock.h>

#include "api/api_server.h"
#include "api/server_fixture.h"

namespace podvisor {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct NodeRoutesTest : ApiServerFixture {};

const std::string kNode = "/api/v1/nodes/alpha";

TEST_F(NodeRoutesTest, ShowsTheHostAsTheOnlyNode) {
  const Json list = get("/api/v1/nodes");
  EXPECT_EQ(list["kind"], "NodeList");
  ASSERT_EQ(list["items"].size(), 1U);
  const Json shown = get(kNode);
  EXPECT_EQ(shown["metadata"]["name"], "alpha");
  EXPECT_EQ(shown["metadata"]["labels"]["kubernetes.io/arch"], "amd64");
  EXPECT_EQ(shown["status"]["addresses"][0]["address"], "192.0.2.7");
  EXPECT_EQ(shown["status"]["capacity"]["cpu"], "2");
  EXPECT_EQ(shown["status"]["capacity"]["memory"], "4096Ki");
  EXPECT_EQ(shown["status"]["nodeInfo"]["kernelVersion"], "6.1.0");
  EXPECT_EQ(get("/api/v1/nodes/beta", 404)["message"], "nodes \"beta\" not found");
  EXPECT_EQ(get("/api/v1/nodes?labelSelector=disk%3Dssd")["items"].size(), 0U);
}

TEST_F(NodeRoutesTest, APatchSetsAndRemovesLabels) {
  const Json patched = ask("PATCH " + kNode + " HTTP/1.1", 200,
                           R"({"metadata":{"labels":{"disk":"ssd","kubernetes.io/arch":null}}})");
  EXPECT_EQ(patched["metadata"]["labels"], Json({{"disk", "ssd"}}));
}

TEST_F(NodeRoutesTest, APatchOfAnythingElseIsRefused) {
  for (const char* body : {"", "[]", "{}", R"({"spec":{"unschedulable":true}})",
                           R"({"metadata":{"labels":[]}})", R"({"metadata":{"labels":{"a":1}}})",
                           R"({"metadata":{"labels":{"a":"b"},"annotations":{"c":"d"}}})"})
    EXPECT_EQ(ask("PATCH " + kNode + " HTTP/1.1", 400, body)["reason"], "BadRequest") << body;
  node.failure = Error{"label a=b c: no"};
  EXPECT_THAT(
      ask("PATCH " + kNode + " HTTP/1.1", 422, R"({"metadata":{"labels":{"a":"b c"}}})")["message"]
          .get<std::string>(),
      HasSubstr("label a=b c: no"));
  EXPECT_FALSE(node.shown.node.labels.contains("a"));
}

TEST_F(NodeRoutesTest, CND8_ConditionsOfOthersAreSetByAPatchOfTheStatus) {
  add("web");
  const std::string target = "PATCH /api/v1/namespaces/default/pods/web/status HTTP/1.1";
  const Json pod = ask(
      target, 200, R"({"status":{"conditions":[{"type":"example.com/open","status":"True"}]}})");
  EXPECT_EQ(pod["metadata"]["name"], "web");
  EXPECT_THAT(control.conditions, ElementsAre("default/web example.com/open=True"));
}

TEST_F(NodeRoutesTest, CND8_PodvisorsOwnConditionsAreNotForOthersToSet) {
  add("web");
  const std::string target = "PATCH /api/v1/namespaces/default/pods/web/status HTTP/1.1";
  for (const char* body : {R"({"status":{"conditions":[{"type":"Ready","status":"True"}]}})",
                           R"({"status":{"conditions":[{"type":"a","status":"yes"}]}})",
                           R"({"status":{"conditions":[{"status":"True"}]}})",
                           R"({"status":{"phase":"Failed"}})", R"({"spec":{}})", "x"})
    EXPECT_EQ(ask(target, 422, body)["reason"], "Invalid") << body;
  EXPECT_TRUE(control.conditions.empty());
  EXPECT_EQ(ask("PATCH /api/v1/namespaces/default/pods/no/status HTTP/1.1", 404, "{}")["code"],
            404);
}

}  // namespace
}  // namespace podvisor
