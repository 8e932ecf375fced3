#include "api/router.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/context.h"
#include "api/fake_control.h"
#include "api/fake_executor.h"
#include "api/fake_manifests.h"
#include "api/fake_node.h"
#include "api/fake_rollouts.h"
#include "api/json.h"

namespace podvisor {
namespace {

HttpReply say(const ApiRequest& request, const std::string& who) {
  HttpResponse response;
  response.body = who;
  for (const auto& [name, value] : request.path) response.body += " " + name + "=" + value;
  return response;
}

const RouteTable kTable{
    {"GET", "/pods", [](ApiContext&, const ApiRequest& r) { return say(r, "list"); }},
    {"GET", "/pods/{name}", [](ApiContext&, const ApiRequest& r) { return say(r, "get"); }},
    {"DELETE", "/pods/{name}", [](ApiContext&, const ApiRequest& r) { return say(r, "delete"); }},
    {"GET", "/{a}/x/{b}", [](ApiContext&, const ApiRequest& r) { return say(r, "two"); }},
};

struct RouterTest : testing::Test {
  HttpResponse ask(const std::string& method, const std::string& path) {
    HttpRequest request;
    request.method = method;
    request.path = path;
    return std::get<HttpResponse>(route(kTable, context, request));
  }

  Loop loop;
  ObjectStore store;
  FakeControl control{store};
  FakeNode node;
  FakeExecutor executor;
  FakeRollouts rollouts;
  FakeDeployments deployments{store};
  FakeManifests manifests;
  ApiContext context{
      {control, node, executor, rollouts, deployments, manifests}, loop, store, loop};
};

TEST_F(RouterTest, FindsTheHandlerAndNamesTheParts) {
  EXPECT_EQ(ask("GET", "/pods").body, "list");
  EXPECT_EQ(ask("GET", "/pods/web").body, "get name=web");
  EXPECT_EQ(ask("DELETE", "/pods/web").body, "delete name=web");
  EXPECT_EQ(ask("GET", "/1/x/2").body, "two a=1 b=2");
}

TEST_F(RouterTest, HeadIsAnsweredByGet) { EXPECT_EQ(ask("HEAD", "/pods").body, "list"); }

TEST_F(RouterTest, UnknownPathsAreAStatus) {
  for (const char* path : {"/", "/pod", "/pods/", "/pods/web/log", "//pods", "/pods//x"}) {
    const auto response = ask("GET", path);
    EXPECT_EQ(response.status, 404) << path;
    const Json status = Json::parse(response.body);
    EXPECT_EQ(status["kind"], "Status");
    EXPECT_EQ(status["reason"], "NotFound");
    EXPECT_EQ(status["code"], 404);
  }
}

TEST_F(RouterTest, AnotherMethodIsRefusedWithThoseThatAreAllowed) {
  const auto response = ask("POST", "/pods/web");
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(response.headers.at("Allow"), "DELETE, GET");
  EXPECT_EQ(Json::parse(response.body)["reason"], "MethodNotAllowed");
}

}  // namespace
}  // namespace podvisor
