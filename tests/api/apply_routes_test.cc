#include <gmock/gmock.h>

#include "api/server_fixture.h"

namespace podvisor {
namespace {

using Change = ApplyOutcome::Change;
using testing::HasSubstr;

constexpr const char* kWeb = "/api/v1/namespaces/default/pods/web";

struct ApplyRoutes : ApiServerFixture {
  ApplyRoutes() {
    ApplyOutcome outcome;
    outcome.change = Change::Configured;
    outcome.name = "web";
    outcome.document = R"({"kind": "Pod"})";
    outcome.effect = "a new pod beside the old one";
    outcome.warnings = {"spec.affinity is \"ignored\"", "another"};
    manifests.answer = outcome;
  }
  void answer(Change change) { manifests.answer->change = change; }
  static std::string patch(const std::string& target) {
    return "PATCH " + target + " HTTP/1.1\r\nContent-Type: application/apply-patch+yaml";
  }
};

TEST_F(ApplyRoutes, APatchIsTheWholeObjectAndSaysWhatCameOfIt) {
  auto c = client();
  EXPECT_EQ(c.request(patch(kWeb), "kind: Pod"), 200);
  EXPECT_EQ(c.header("Podvisor-Result"), "configured");
  EXPECT_EQ(c.header("Podvisor-Effect"), "a new pod beside the old one");
  EXPECT_EQ(c.header("Warning"), R"(299 - "spec.affinity is \"ignored\"", 299 - "another")");
  ASSERT_EQ(manifests.asked.size(), 1U);
  EXPECT_EQ(manifests.asked[0].kind, "Pod");
  EXPECT_EQ(manifests.asked[0].name, "web");
  EXPECT_EQ(manifests.asked[0].document, "kind: Pod");
  EXPECT_FALSE(manifests.asked[0].dry_run);
}

TEST_F(ApplyRoutes, ADryRunIsPassedOn) {
  auto c = client();
  EXPECT_EQ(c.request(patch(std::string(kWeb) + "?dryRun=All&fieldManager=x"), "kind: Pod"), 200);
  EXPECT_TRUE(manifests.asked.at(0).dry_run);
}

TEST_F(ApplyRoutes, WhatIsNewIsCreated) {
  answer(Change::Created);
  auto c = client();
  EXPECT_EQ(c.request(patch(kWeb), "kind: Pod"), 201);
}

TEST_F(ApplyRoutes, OtherPatchesAreRefusedBeforeAnythingIsDone) {
  const Json status = ask("PATCH " + std::string(kWeb) + " HTTP/1.1", 415, "{}");
  EXPECT_EQ(status["reason"], "UnsupportedMediaType");
  EXPECT_TRUE(manifests.asked.empty());
}

TEST_F(ApplyRoutes, EveryErrorIsInOneStatus) {
  manifests.answer = tl::unexpected(ApplyRefusal{"spec.a: Required value", "spec.b: too long"});
  const Json status = ask("PUT " + std::string(kWeb) + " HTTP/1.1", 422, "kind: Pod");
  EXPECT_EQ(status["message"],
            "Pod \"web\" is invalid: [spec.a: Required value, spec.b: too long]");
}

TEST_F(ApplyRoutes, APostMakesWhatIsNotThereAndNothingElse) {
  const std::string pods = "POST /api/v1/namespaces/default/pods HTTP/1.1";
  const Json status = ask(pods, 409, "kind: Pod");
  EXPECT_EQ(status["message"], "pods \"web\" already exists");
  ASSERT_EQ(manifests.asked.size(), 1U);
  EXPECT_TRUE(manifests.asked[0].dry_run);
  answer(Change::Created);
  ask(pods, 201, "kind: Pod");
  EXPECT_FALSE(manifests.asked.back().dry_run);
}

}  // namespace
}  // namespace podvisor
