#include <gmock/gmock.h>

#include "api/server_fixture.h"

namespace podvisor {
namespace {

using Stage = RolloutState::Stage;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kRollout = "/api/v1/namespaces/default/pods/web/rollout";

struct RolloutRoutes : ApiServerFixture {
  RolloutRoutes() {
    RolloutView view;
    view.revision = 2;
    view.stage = Stage::Gating;
    view.progress = "waiting for the new pod to stay Ready for 5s";
    view.old_pod = "u1";
    view.new_pod = "u2";
    view.history = {{1, kNoon, ""}, {2, kNoon, "new logo"}};
    rollouts.shown = view;
  }
  Json order(const std::string& body, int status) {
    return ask(std::string("POST ") + kRollout + " HTTP/1.1", status, body);
  }
};

TEST_F(RolloutRoutes, ShowsHowFarItIsAndWhatCameBefore) {
  const Json rollout = get(kRollout);
  EXPECT_EQ(rollout["kind"], "Rollout");
  EXPECT_EQ(rollout["revision"], 2);
  EXPECT_EQ(rollout["status"]["stage"], "Gating");
  EXPECT_EQ(rollout["status"]["newPod"], "u2");
  EXPECT_FALSE(rollout["status"].contains("reason"));
  EXPECT_EQ(rollout["history"][1]["changeCause"], "new logo");
  EXPECT_EQ(get("/api/v1/namespaces/default/pods/db/rollout", 404)["reason"], "NotFound");
}

TEST_F(RolloutRoutes, AWatchTellsEveryChangeAndEndsWithThePod) {
  auto c = client();
  ASSERT_TRUE(c.send(std::string("GET ") + kRollout + "?watch=true HTTP/1.1\r\nHost: x\r\n\r\n"));
  ASSERT_TRUE(c.wait_for("Gating"));
  rollouts.shown->stage = Stage::Done;
  rollouts.tell();
  ASSERT_TRUE(c.wait_for("MODIFIED"));
  EXPECT_THAT(c.received(), HasSubstr(R"("stage":"Done")"));
  rollouts.shown.reset();
  rollouts.tell();
  ASSERT_TRUE(c.wait_for("\r\n0\r\n"));
  EXPECT_TRUE(turn_until(loop, [&] { return rollouts.watchers.empty(); }));
}

TEST_F(RolloutRoutes, OrdersArePassedOn) {
  order(R"({"action": "undo", "toRevision": 1})", 200);
  order(R"({"action": "restart"})", 200);
  order(R"({"action": "pause"})", 200);
  order(R"({"action": "resume"})", 200);
  EXPECT_THAT(rollouts.asked, ElementsAre("undo web 1", "restart web", "pause web", "resume web"));
}

TEST_F(RolloutRoutes, WhatCannotBeDoneIsSaid) {
  rollouts.failure = Error{"pods \"web\" is already paused"};
  EXPECT_EQ(order(R"({"action": "pause"})", 409)["message"], "pods \"web\" is already paused");
  EXPECT_EQ(order(R"({"action": "stop"})", 409)["reason"], "Conflict");
  EXPECT_EQ(order("[]", 400)["reason"], "BadRequest");
  EXPECT_EQ(order(R"({"action": "undo", "toRevision": -1})", 400)["reason"], "BadRequest");
}

}  // namespace
}  // namespace podvisor
