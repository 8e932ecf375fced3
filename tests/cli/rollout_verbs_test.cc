// apply, diff and rollout against a scripted podvisor.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "cli/fake_api.h"
#include "cli/fields.h"
#include "cli/terminal.h"

namespace podvisor::cli {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

const std::string kWeb = "/api/v1/namespaces/default/pods/web";
const std::string kApply = "PATCH " + kWeb + "?fieldManager=podvisor";
const std::string kWatch = "GET " + kWeb + "/rollout?watch=true";
const std::string kManifest =
    "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n  - {name: main, "
    "command: [sleep, 1d]}\n";

Json rollout(const std::string& stage, const std::string& message, const std::string& reason = "") {
  Json status{{"stage", stage}, {"message", message}};
  if (!reason.empty()) status["reason"] = reason;
  return {{"kind", "Rollout"},
          {"revision", 2},
          {"status", status},
          {"history", {{{"revision", 1}, {"creationTimestamp", "2026-03-01T12:00:00Z"}}}}};
}

std::string lines(const std::vector<Json>& rollouts) {
  std::string text;
  for (const Json& each : rollouts)
    text += Json{{"type", "MODIFIED"}, {"object", each}}.dump() + "\n";
  return text;
}

class RolloutVerbs : public testing::Test {
 protected:
  RolloutVerbs() { std::ofstream(manifest_) << kManifest; }
  ~RolloutVerbs() override { std::remove(manifest_.c_str()); }
  Ran podvisor(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--socket", api_.socket()});
    return run_command(std::move(arguments));
  }
  void answer_apply(const std::string& result) {
    api_.on(kApply, {.body = "{}", .headers = "Podvisor-Result: " + result + "\r\n"});
  }
  std::string manifest_ =
      testing::TempDir() + "rollout_verbs." + std::to_string(::getpid()) + ".yaml";
  FakeApi api_;
};

TEST_F(RolloutVerbs, ApplySaysWhatCameOfIt) {
  answer_apply("configured");
  const Ran ran = podvisor({"apply", "-f", manifest_});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(ran.out, "pod/web configured\n");
}

TEST_F(RolloutVerbs, ApplyWarnsOnceOfWhatIsInTheFile) {
  std::ofstream(manifest_) << kManifest << "  tolerations: [{operator: Exists}]\n";
  const std::string known =
      "spec.tolerations: kept, but podvisor does not act on: spec.tolerations (it matters only in "
      "a cluster)";
  api_.on(kApply, {.body = "{}",
                   .headers = "Podvisor-Result: created\r\nWarning: 299 - \"" + known +
                              "\", 299 - \"another\"\r\n"});
  const Ran ran = podvisor({"apply", "-f", manifest_});
  EXPECT_EQ(ran.err, manifest_ +
                         ":7:3: spec.tolerations: warning: kept, but podvisor does not act "
                         "on: spec.tolerations (it matters only in a cluster)\n"
                         "Warning: another\n");
}

TEST_F(RolloutVerbs, ApplyWithWaitShowsTheRolloutAsItHappens) {
  answer_apply("configured");
  api_.on(kWatch, {.body = lines({rollout("Starting", "waiting for the new pod to be Ready"),
                                  rollout("Starting", "waiting for the new pod to be Ready"),
                                  rollout("Checking", "asking the new pod through the door"),
                                  rollout("Done", "done")})});
  const Ran ran = podvisor({"apply", "--wait", "-f", manifest_});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(ran.out,
            "pod/web configured\npod/web: waiting for the new pod to be Ready\npod/web: asking the "
            "new pod through the door\npod/web successfully rolled out, revision 2\n");
}

TEST_F(RolloutVerbs, ApplyWithWaitFailsWithWhatTheProbeAnswered) {
  answer_apply("configured");
  api_.on(kWatch, {.body = lines({rollout("Failed",
                                          "failed: ProgressDeadlineExceeded: the new pod was not "
                                          "Ready in 600s: Readiness probe failed: statuscode: 503",
                                          "ProgressDeadlineExceeded")})});
  const Ran ran = podvisor({"apply", "--wait", "-f", manifest_});
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_EQ(
      ran.err,
      "error: pod/web: rollout failed: ProgressDeadlineExceeded: the new pod was not Ready in "
      "600s: Readiness probe failed: statuscode: 503\n");
}

TEST_F(RolloutVerbs, WhatIsUnchangedIsNotWaitedFor) {
  answer_apply("unchanged");
  EXPECT_EQ(podvisor({"apply", "--wait", "-f", manifest_}).out, "pod/web unchanged\n");
  EXPECT_EQ(api_.requests().size(), 1U);
}

TEST_F(RolloutVerbs, ABrokenManifestIsNotSent) {
  std::ofstream(manifest_) << "kind: Pod\n";
  const Ran ran = podvisor({"apply", "-f", manifest_});
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_THAT(ran.err, HasSubstr(manifest_ + ":"));
  EXPECT_TRUE(api_.requests().empty());
}

TEST_F(RolloutVerbs, TheServersRefusalIsTold) {
  api_.on(kApply, {.status = 422,
                   .body = R"({"kind":"Status","reason":"Invalid","message":"no such user"})"});
  const Ran ran = podvisor({"apply", "-f", manifest_});
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_THAT(ran.err, HasSubstr("no such user"));
}

TEST_F(RolloutVerbs, StatusOfAReplacementThatWasNotNeededIsNoFailure) {
  api_.on(kWatch, {.body = lines({rollout("Failed", "failed: NotNeeded", "NotNeeded")})});
  EXPECT_EQ(podvisor({"rollout", "status", "pod/web"}).exit_code, 0);
}

TEST_F(RolloutVerbs, StatusWithATimeoutSaysWhatItWasWaitingFor) {
  api_.on(kWatch, {.body = lines({rollout("Starting", "waiting for the new pod to be Ready")}),
                   .end = Answer::End::StayOpen});
  const Ran ran = podvisor({"rollout", "status", "pod/web", "--timeout", "50ms"});
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_EQ(ran.err,
            "error: timed out waiting for the rollout of pod/web: waiting for the new pod to be "
            "Ready\n");
}

TEST_F(RolloutVerbs, HistoryListsRevisions) {
  api_.on("GET " + kWeb + "/rollout", {.body = rollout("Done", "done").dump()});
  EXPECT_EQ(podvisor({"rollout", "history", "pod/web"}).out,
            "pod/web\nREVISION   AGE   CHANGE-CAUSE\n1          10m   <none>\n");
}

TEST_F(RolloutVerbs, OrdersArePosted) {
  api_.on("POST " + kWeb + "/rollout", {.body = rollout("Starting", "x").dump()});
  EXPECT_EQ(podvisor({"rollout", "undo", "pod/web", "--to-revision", "1"}).out,
            "pod/web rolled back\n");
  EXPECT_EQ(podvisor({"rollout", "restart", "pod", "web"}).out, "pod/web restarted\n");
  EXPECT_EQ(podvisor({"rollout", "pause", "pod/web"}).out, "pod/web paused\n");
  EXPECT_EQ(podvisor({"rollout", "resume", "pod/web"}).out, "pod/web resumed\n");
}

TEST_F(RolloutVerbs, DiffShowsTheDifferenceAndWhatWouldRestart) {
  const Json live{{"kind", "Pod"}, {"metadata", {{"name", "web"}, {"uid", "u"}}}, {"a", 1}};
  const Json wanted{{"kind", "Pod"}, {"metadata", {{"name", "web"}}}, {"a", 2}};
  api_.on("GET " + kWeb, {.body = live.dump()});
  api_.on("PATCH " + kWeb + "?dryRun=All",
          {.body = wanted.dump(), .headers = "Podvisor-Effect: a new pod beside the old one\r\n"});
  const Ran ran = podvisor({"diff", "-f", manifest_});
  EXPECT_EQ(ran.exit_code, 1) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("--- live/pod/web\n+++ merged/pod/web\n"));
  EXPECT_THAT(ran.out, HasSubstr("\n-a: 1\n+a: 2\n"));
  EXPECT_THAT(ran.out, HasSubstr("pod/web: a new pod beside the old one\n"));
  EXPECT_THAT(ran.out, testing::Not(HasSubstr("uid")));
}

TEST_F(RolloutVerbs, DiffOfTheSameIsSilent) {
  const Json same{{"kind", "Pod"}, {"metadata", {{"name", "web"}}}};
  api_.on("GET " + kWeb, {.body = same.dump()});
  api_.on("PATCH " + kWeb + "?dryRun=All", {.body = same.dump()});
  const Ran ran = podvisor({"diff", "-f", manifest_});
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_EQ(ran.out, "");
}

TEST_F(RolloutVerbs, DiffNeverShowsASecret) {
  std::ofstream(manifest_) << "apiVersion: v1\nkind: Secret\nmetadata: {name: key}\nstringData: "
                              "{a: new, b: same}\n";
  const std::string path = "/api/v1/namespaces/default/secrets/key";
  api_.on("GET " + path, {.body = R"({"kind":"Secret","data":{"a":"b2xk","b":"c2FtZQ=="}})"});
  api_.on("PATCH " + path + "?dryRun=All",
          {.body = R"({"kind":"Secret","data":{"a":"bmV3","b":"c2FtZQ=="}})"});
  const Ran ran = podvisor({"diff", "-f", manifest_});
  EXPECT_EQ(ran.exit_code, 1) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("*** (before)"));
  EXPECT_THAT(ran.out, HasSubstr("*** (after)"));
  EXPECT_THAT(ran.out, testing::Not(HasSubstr("bmV3")));
  EXPECT_THAT(ran.out, testing::Not(HasSubstr("b2xk")));
}

TEST_F(RolloutVerbs, DiffOfAnErrorIsTwo) {
  EXPECT_EQ(podvisor({"diff", "-f", manifest_ + ".none"}).exit_code, 2);
}

}  // namespace
}  // namespace podvisor::cli
