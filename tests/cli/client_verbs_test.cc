// The verbs that ask a running podvisor, against a scripted one.
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

using testing::Each;
using testing::HasSubstr;
using testing::StartsWith;

const std::string kPods = "GET /api/v1/namespaces/default/pods";
const std::string kEvents = "GET /api/v1/namespaces/default/events";
const std::string kListWeb = kPods + "?fieldSelector=metadata.name%3Dweb";
const std::string kWatchWeb =
    kPods + "?watch=true&resourceVersion=5&fieldSelector=metadata.name%3Dweb";
const std::string kNotFound =
    R"({"kind":"Status","status":"Failure","reason":"NotFound","code":404,)"
    R"("message":"pods \"web\" not found"})";

Json pod(const std::string& name, const std::string& version, bool ready = true) {
  const std::string status = ready ? "True" : "False";
  return {{"metadata",
           {{"name", name},
            {"namespace", "default"},
            {"uid", "uid-" + name},
            {"resourceVersion", version},
            {"creationTimestamp", "2026-03-01T12:00:00Z"}}},
          {"spec", {{"containers", {{{"name", "main"}}}}}},
          {"status",
           {{"phase", "Running"},
            {"conditions",
             {{{"type", "Ready"},
               {"status", status},
               {"reason", "ContainersNotReady"},
               {"message", "containers with unready status: [main]"}}}},
            {"containerStatuses",
             {{{"name", "main"}, {"ready", ready}, {"state", {{"running", Json::object()}}}}}}}}};
}

std::string list_of(const std::vector<Json>& items) {
  return Json{{"kind", "PodList"}, {"metadata", {{"resourceVersion", "5"}}}, {"items", items}}
      .dump();
}

std::string event_line(const std::string& type, const Json& object) {
  return Json{{"type", type}, {"object", object}}.dump() + "\n";
}

class ClientVerbs : public testing::Test {
 protected:
  Ran podvisor(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--socket", api_.socket()});
    return run_command(std::move(arguments));
  }
  FakeApi api_;
};

TEST(NoServer, IsToldWithTheWayOut) {
  const Ran ran = run_command({"get", "pods", "--socket", "/nonexistent/podvisor.sock"});
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_EQ(ran.err,
            "cannot reach podvisor at /nonexistent/podvisor.sock: connect: No such file or "
            "directory; is \"podvisor serve\" running, or pass --socket\n");
}

TEST_F(ClientVerbs, WhatEveryVerbKnowsMayStandBeforeIt) {
  const std::vector<std::vector<std::string>> kForms = {
      {"-n", "shop", "--socket", api_.socket(), "get", "pods"},
      {"--namespace=shop", "--socket=" + api_.socket(), "get", "pods"},
      {"--socket", api_.socket(), "get", "pods", "-n", "shop"}};
  for (const auto& form : kForms) EXPECT_EQ(run_command(form).exit_code, 1);
  EXPECT_THAT(api_.requests(), Each("GET /api/v1/namespaces/shop/pods"));
  EXPECT_EQ(api_.requests().size(), kForms.size());
  EXPECT_THAT(run_command({"-n", "shop"}).err, HasSubstr("subcommand"));
  EXPECT_EQ(run_command({"-n"}).exit_code, 1);
  EXPECT_EQ(run_command({}).exit_code, 1);
}

TEST_F(ClientVerbs, TheSocketMayComeFromTheEnvironment) {
  api_.on(kPods, {200, list_of({pod("web", "5")}), {}});
  setenv("PODVISOR_SOCKET", api_.socket().c_str(), 1);
  const Ran ran = run_command({"get", "pods"});
  unsetenv("PODVISOR_SOCKET");
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
}

TEST_F(ClientVerbs, GetListsPods) {
  api_.on(kPods, {200, list_of({pod("web", "5"), pod("worker", "4", false)}), {}});
  const Ran ran = podvisor({"get", "pods"});
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_EQ(ran.out,
            "NAME     READY   STATUS    RESTARTS   AGE\n"
            "web      1/1     Running   0          10m\n"
            "worker   0/1     Running   0          10m\n");
}

TEST_F(ClientVerbs, GetOfNothingSaysSoAndSucceeds) {
  api_.on(kPods, {200, list_of({}), {}});
  api_.on("GET /api/v1/pods", {200, list_of({}), {}});
  const Ran ran = podvisor({"get", "pods"});
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.err, "No resources found in default namespace.\n");
  EXPECT_EQ(podvisor({"get", "pods", "-A"}).err, "No resources found.\n");
}

TEST_F(ClientVerbs, GetOfAnUnknownPodIsTheServersError) {
  api_.on(kPods + "/web", {404, kNotFound, {}});
  const Ran ran = podvisor({"get", "pod", "web"});
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_EQ(ran.err, "Error from server (NotFound): pods \"web\" not found\n");
}

TEST_F(ClientVerbs, GetPrintsThoseItFinds) {
  api_.on(kPods + "/web", {404, kNotFound, {}});
  api_.on(kPods + "/db", {200, pod("db", "5").dump(), {}});
  const Ran ran = podvisor({"get", "pods", "web", "db", "--no-headers"});
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_THAT(ran.out, StartsWith("db    1/1"));
}

TEST_F(ClientVerbs, GetPrintsDocuments) {
  api_.on(kPods, {200, list_of({pod("web", "5")}), {}});
  api_.on(kPods + "/web", {200, pod("web", "5").dump(), {}});
  EXPECT_EQ(Json::parse(podvisor({"get", "pods", "-o", "json"}).out)["items"][0]["kind"], "Pod");
  EXPECT_EQ(Json::parse(podvisor({"get", "pod/web", "-ojson"}).out)["kind"], "Pod");
  EXPECT_THAT(podvisor({"get", "pod/web", "-o", "yaml"}).out, StartsWith("apiVersion: v1\n"));
  EXPECT_EQ(podvisor({"get", "pods", "-o", "name"}).out, "pod/web\n");
}

TEST_F(ClientVerbs, GetSelectsOnTheServer) {
  api_.on(kPods + "?labelSelector=a%3Db", {200, list_of({pod("web", "5")}), {}});
  EXPECT_EQ(podvisor({"get", "pods", "-l", "a=b", "-o", "name"}).out, "pod/web\n");
}

TEST_F(ClientVerbs, GetEncodesWhatItIsGiven) {
  EXPECT_EQ(podvisor({"get", "pod", "a/../b?x", "-n", "n s"}).exit_code, 1);
  EXPECT_EQ(api_.requests(),
            std::vector<std::string>{"GET /api/v1/namespaces/n%20s/pods/a%2F..%2Fb%3Fx"});
}

TEST_F(ClientVerbs, GetWatchesFromWhatItListed) {
  api_.on(kPods, {200, list_of({pod("web", "5", false)}), {}});
  api_.on(kPods + "?watch=true&resourceVersion=5",
          {200,
           event_line("ADDED", pod("web", "5", false)) + event_line("MODIFIED", pod("web", "6")),
           {}});
  const Ran ran = podvisor({"get", "pods", "-w"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(ran.out,
            "NAME   READY   STATUS    RESTARTS   AGE\n"
            "web    0/1     Running   0          10m\n"
            "web    1/1     Running   0          10m\n");
}

TEST_F(ClientVerbs, GetWatchesOnePod) {
  api_.on(kListWeb, {200, list_of({pod("web", "3")}), {}});
  api_.on(kPods + "?fieldSelector=metadata.name%3Dweb&watch=true&resourceVersion=5",
          {200, event_line("DELETED", pod("web", "6")), {}});
  EXPECT_EQ(podvisor({"get", "pod", "web", "-w", "-o", "name"}).out, "pod/web\npod/web\n");
}

TEST_F(ClientVerbs, GetDoesNotWatchAPodThatIsNotThere) {
  api_.on(kListWeb, {200, list_of({}), {}});
  api_.on(kPods + "/web", {404, kNotFound, {}});
  const Ran ran = podvisor({"get", "pod", "web", "-w"});
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_EQ(ran.err, "Error from server (NotFound): pods \"web\" not found\n");
}

TEST_F(ClientVerbs, GetSaysWhenTheWatchBreaks) {
  api_.on(kPods, {200, list_of({}), {}});
  api_.on(kPods + "?watch=true&resourceVersion=5",
          {200, event_line("ADDED", pod("web", "6")), Answer::End::Break});
  const Ran ran = podvisor({"get", "pods", "-w"});
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_THAT(ran.out, HasSubstr("web"));
  EXPECT_THAT(ran.err, StartsWith("lost podvisor at "));
}

TEST_F(ClientVerbs, GetKnowsOnlyWhatThereIs) {
  EXPECT_THAT(podvisor({"get", "zebras"}).err, HasSubstr("resource type \"zebras\""));
  EXPECT_THAT(podvisor({"get", "pvc/web"}).err, HasSubstr("resource type \"pvc\""));
  EXPECT_THAT(podvisor({"get", "pod/"}).err, HasSubstr("pod/NAME"));
  EXPECT_EQ(podvisor({"get", "pod/a", "b"}).exit_code, 1);
  EXPECT_EQ(podvisor({"get", "pods", "a", "-A"}).exit_code, 1);
  EXPECT_TRUE(api_.requests().empty());
}

TEST_F(ClientVerbs, ServicesAndEndpointsAreTablesAsKubectls) {
  const std::string base = "GET /api/v1/namespaces/default/";
  const Json shop{{"metadata", {{"name", "shop"}, {"namespace", "default"}}},
                  {"spec",
                   {{"type", "NodePort"},
                    {"selector", {{"app", "web"}}},
                    {"ports", {{{"name", "http"}, {"port", 80}, {"nodePort", 30080}}}}}}};
  const Json endpoints{{"metadata", {{"name", "shop"}}},
                       {"subsets",
                        {{{"ports", {{{"name", "http"}, {"port", 8080}}}},
                          {"addresses",
                           {{{"ip", "10.88.0.2"}},
                            {{"ip", "10.88.0.3"}},
                            {{"ip", "10.88.0.4"}},
                            {{"ip", "::1"}}}}}}}};
  api_.on(base + "services", {200, Json{{"items", {shop}}}.dump(), {}});
  api_.on(base + "services/shop", {200, shop.dump(), {}});
  api_.on(base + "endpoints", {200, Json{{"items", {endpoints}}}.dump(), {}});
  api_.on(base + "endpoints/shop", {200, endpoints.dump(), {}});
  const std::string services = podvisor({"get", "svc", "-o", "wide"}).out;
  EXPECT_THAT(services, HasSubstr("NAME   TYPE       CLUSTER-IP   EXTERNAL-IP   PORT(S)"));
  EXPECT_THAT(services, HasSubstr("80:30080/TCP"));
  EXPECT_THAT(services, HasSubstr("app=web"));
  const std::string all = "10.88.0.2:8080,10.88.0.3:8080,10.88.0.4:8080 + 1 more...";
  EXPECT_THAT(podvisor({"get", "ep"}).out, HasSubstr(all));
  const std::string described = podvisor({"describe", "service", "shop"}).out;
  EXPECT_THAT(described, HasSubstr("NodePort:"));
  EXPECT_THAT(described, HasSubstr(all));
  EXPECT_THAT(podvisor({"get", "ep", "-w"}).err, HasSubstr("cannot be watched"));
}

TEST_F(ClientVerbs, AnAnswerThatIsNotOursIsAnError) {
  api_.on(kPods, {200, "<html>", {}});
  EXPECT_THAT(podvisor({"get", "pods"}).err, HasSubstr("not a JSON object"));
}

Json unhealthy(const std::string& uid, const std::string& message) {
  return {
      {"reason", "Unhealthy"},
      {"type", "Warning"},
      {"message", message},
      {"count", 1},
      {"firstTimestamp", "2026-03-01T12:09:50Z"},
      {"lastTimestamp", "2026-03-01T12:09:50Z"},
      {"metadata", {{"uid", "e1"}, {"resourceVersion", "3"}}},
      {"involvedObject",
       {{"kind", "Pod"}, {"name", "web"}, {"uid", uid}, {"fieldPath", "spec.containers{main}"}}}};
}

TEST_F(ClientVerbs, DescribeShowsTheEventsOfThisVeryPod) {
  api_.on(kPods + "/web", {200, pod("web", "5").dump(), {}});
  api_.on(kEvents + "?fieldSelector=involvedObject.name%3Dweb%2CinvolvedObject.uid%3Duid-web",
          {200, list_of({unhealthy("uid-web", "mine"), unhealthy("old", "a former web's")}), {}});
  const Ran ran = podvisor({"describe", "pod", "web"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("mine"));
  EXPECT_THAT(ran.out, testing::Not(HasSubstr("former")));
}

TEST_F(ClientVerbs, EventsListsAndWatches) {
  Json second = unhealthy("uid-web", "second");
  second["metadata"] = {{"uid", "e2"}, {"resourceVersion", "6"}};
  api_.on(kEvents, {200, list_of({unhealthy("uid-web", "first")}), {}});
  api_.on(kEvents + "?watch=true&resourceVersion=5",
          {200,
           event_line("ADDED", unhealthy("uid-web", "first")) + event_line("ADDED", second) +
               event_line("DELETED", second),
           {}});
  const Ran ran = podvisor({"events", "-w"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(ran.out,
            "LAST SEEN   TYPE      REASON      OBJECT    MESSAGE\n"
            "10s         Warning   Unhealthy   Pod/web   first\n"
            "10s         Warning   Unhealthy   Pod/web   second\n");
}

TEST_F(ClientVerbs, EventsOfOnePodOrType) {
  api_.on(kEvents, {200, list_of({unhealthy("uid-web", "first")}), {}});
  api_.on(kEvents + "?fieldSelector=involvedObject.kind%3DPod%2CinvolvedObject.name%3Ddb",
          {200, list_of({unhealthy("uid-web", "first")}), {}});
  EXPECT_EQ(podvisor({"events", "--types=Normal"}).err, "No events found in default namespace.\n");
  EXPECT_EQ(podvisor({"events", "--for", "pod/db"}).err, "No events found in default namespace.\n");
}

const std::string kLog = kPods + "/web/log?container=";

TEST_F(ClientVerbs, LogsPassesBytesThrough) {
  const std::string bytes("\x1b[31mred\0\xff\n", 11);
  api_.on(kLog + "main", {200, bytes, {}});
  EXPECT_EQ(podvisor({"logs", "web", "-c", "main"}).out, bytes);
}

TEST_F(ClientVerbs, LogsPassesItsOptions) {
  api_.on(kLog + "c&follow=true&previous=true&timestamps=true&tailLines=3", {200, "x\n", {}});
  EXPECT_EQ(podvisor({"logs", "pod/web", "-c", "c", "-f", "-p", "--timestamps", "--tail=3"}).out,
            "x\n");
}

TEST_F(ClientVerbs, LogsChoosesTheMainContainerAndSaysSo) {
  Json web = pod("web", "5");
  web["spec"]["containers"] = {{{"name", "proxy"}}, {{"name", "app"}}};
  web["spec"]["initContainers"] = {{{"name", "setup"}}};
  web["metadata"]["annotations"] = {{"kubectl.kubernetes.io/default-container", "app"}};
  api_.on(kPods + "/web", {200, web.dump(), {}});
  api_.on(kLog + "app", {200, "x\n", {}});
  const Ran ran = podvisor({"logs", "web"});
  EXPECT_EQ(ran.out, "x\n");
  EXPECT_EQ(ran.err, "Defaulted container \"app\" out of: proxy, app, setup (init)\n");
}

TEST_F(ClientVerbs, LogsOfTheOnlyContainerNeedsNoWord) {
  api_.on(kPods + "/web", {200, pod("web", "5").dump(), {}});
  api_.on(kLog + "main", {200, "x\n", {}});
  EXPECT_EQ(podvisor({"logs", "web"}).err, "");
}

TEST_F(ClientVerbs, LogsTellsTheServersErrorNotItsText) {
  api_.on(
      kLog + "c",
      {400,
       R"({"kind":"Status","reason":"BadRequest","message":"container c is not valid for pod web"})",
       {}});
  const Ran ran = podvisor({"logs", "web", "-c", "c"});
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.err, "Error from server (BadRequest): container c is not valid for pod web\n");
}

TEST_F(ClientVerbs, LogsSaysWhenTheStreamBreaks) {
  api_.on(kLog + "c&follow=true", {200, "half", Answer::End::Break});
  const Ran ran = podvisor({"logs", "web", "-c", "c", "-f"});
  EXPECT_EQ(ran.out, "half");
  EXPECT_EQ(ran.exit_code, 1);
}

TEST_F(ClientVerbs, LogsPassesWhenAndHowMuch) {
  api_.on(kLog + "c&tailLines=0&limitBytes=9&sinceSeconds=90", {200, "x\n", {}});
  EXPECT_EQ(podvisor({"logs", "web", "c", "--since=1m29.7s", "--limit-bytes=9", "--tail=0"}).out,
            "x\n");
  api_.on(kLog + "c&sinceTime=2026-11-26T10%3A00%3A00Z", {200, "y\n", {}});
  EXPECT_EQ(podvisor({"logs", "web", "-c", "c", "--since-time=2026-11-26T10:00:00Z"}).out, "y\n");
}

TEST_F(ClientVerbs, LogsRefusesWhatContradictsItself) {
  const std::pair<std::vector<std::string>, const char*> table[] = {
      {{"logs"}, "POD or TYPE/NAME is a required argument"},
      {{"logs", "web", "-l", "a=b"}, "only a selector (-l) or a POD name is allowed"},
      {{"logs", "web", "c", "-c", "c"}, "only one of -c or an inline [CONTAINER] arg is allowed"},
      {{"logs", "web", "--since=1m", "--since-time=2026-11-26T10:00:00Z"},
       "at most one of `sinceTime` or `sinceSeconds` may be specified"},
      {{"logs", "web", "-c", "c", "--all-containers"},
       "--all-containers=true should not be specified with container name c"},
      {{"logs", "web", "--limit-bytes=-1"}, "--limit-bytes must be greater than 0"},
      {{"logs", "web", "--tail=-2"}, "--tail must be greater than or equal to -1"},
      {{"logs", "web", "-c", "c", "--since=-1s"}, "--since must be greater than 0"},
  };
  for (const auto& [arguments, message] : table) {
    const Ran ran = podvisor(arguments);
    EXPECT_EQ(ran.exit_code, 1) << message;
    EXPECT_NE(ran.err.find(message), std::string::npos) << ran.err;
  }
}

TEST_F(ClientVerbs, LogsOfSelectedPodsAreTenLinesOfEach) {
  api_.on("GET /api/v1/namespaces/default/pods?labelSelector=app%3Dweb",
          {200, list_of({pod("a", "1"), pod("b", "2")}), {}});
  for (const char* name : {"a", "b"})
    api_.on(kPods + "/" + name + "/log?container=main&tailLines=10",
            {200, std::string("from ") + name + "\n", {}});
  EXPECT_EQ(podvisor({"logs", "-l", "app=web", "--prefix"}).out,
            "[pod/a/main] from a\n[pod/b/main] from b\n");
}

TEST_F(ClientVerbs, LogsOfNobodyIsNoError) {
  api_.on("GET /api/v1/namespaces/default/pods?labelSelector=app%3Dweb", {200, list_of({}), {}});
  const Ran ran = podvisor({"logs", "-l", "app=web"});
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_EQ(ran.err, "No resources found in default namespace.\n");
}

TEST_F(ClientVerbs, LogsFollowsNoMoreAtOnceThanItMay) {
  api_.on("GET /api/v1/namespaces/default/pods?labelSelector=a%3Db",
          {200, list_of({pod("a", "1"), pod("b", "2"), pod("c", "3")}), {}});
  const Ran ran = podvisor({"logs", "-f", "-l", "a=b", "--max-log-requests=2"});
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_NE(ran.err.find("you are attempting to follow 3 log streams, but maximum allowed "
                         "concurrency is 2, use --max-log-requests to increase the limit"),
            std::string::npos)
      << ran.err;
}

TEST_F(ClientVerbs, LogsFollowsSeveralAtOnce) {
  Json web = pod("web", "5");
  web["spec"]["containers"] = {{{"name", "app"}}, {{"name", "proxy"}}};
  api_.on(kPods + "/web", {200, web.dump(), {}});
  for (const char* name : {"app", "proxy"})
    api_.on(kLog + name + "&follow=true", {200, std::string(name) + " says\n", {}});
  const Ran ran = podvisor({"logs", "web", "-f", "--all-containers", "--prefix"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_NE(ran.out.find("[pod/web/app] app says\n"), std::string::npos);
  EXPECT_NE(ran.out.find("[pod/web/proxy] proxy says\n"), std::string::npos);
}

TEST_F(ClientVerbs, LogsOfOneThatFailsEndsTheOthersToo) {
  Json web = pod("web", "5");
  web["spec"]["containers"] = {{{"name", "app"}}, {{"name", "proxy"}}};
  api_.on(kPods + "/web", {200, web.dump(), {}});
  api_.on(kLog + "app&follow=true", {200, "app says\n", Answer::End::StayOpen});
  const Ran ran = podvisor({"logs", "web", "-f", "--all-containers"});  // proxy's is not found
  EXPECT_EQ(ran.exit_code, 1);
}

TEST_F(ClientVerbs, DeleteWaitsUntilThePodIsGone) {
  api_.on(kPods + "/web", {200, pod("web", "5").dump(), {}});
  api_.on(kListWeb, {200, list_of({pod("web", "5")}), {}});
  api_.on("DELETE /api/v1/namespaces/default/pods/web?gracePeriodSeconds=3", {200, "{}", {}});
  api_.on(kWatchWeb, {200, event_line("DELETED", pod("web", "6")), Answer::End::StayOpen});
  const Ran ran = podvisor({"delete", "pod", "web", "--grace-period=3"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(ran.out, "pod \"web\" deleted\n");
}

TEST_F(ClientVerbs, DeleteSeesThePodGoBetweenTwoWatches) {
  api_.on(kPods + "/web", {200, pod("web", "5").dump(), {}});
  api_.on(kListWeb, {200, list_of({pod("web", "5")}), {}});
  api_.on(kListWeb, {200, list_of({}), {}});
  api_.on("DELETE /api/v1/namespaces/default/pods/web", {200, "{}", {}});
  api_.on(kWatchWeb, {200, "", {}});
  EXPECT_EQ(podvisor({"delete", "pod/web"}).exit_code, 0);
}

TEST_F(ClientVerbs, DeleteIsDoneWhenAnotherPodHasTheName) {
  Json other = pod("web", "9");
  other["metadata"]["uid"] = "another";
  api_.on(kPods + "/web", {200, pod("web", "5").dump(), {}});
  api_.on(kListWeb, {200, list_of({other}), {}});
  api_.on("DELETE /api/v1/namespaces/default/pods/web", {200, "{}", {}});
  EXPECT_EQ(podvisor({"delete", "pod/web"}).exit_code, 0);
}

TEST_F(ClientVerbs, DeleteNeedNotWait) {
  api_.on(kPods + "/web", {200, pod("web", "5").dump(), {}});
  api_.on("DELETE /api/v1/namespaces/default/pods/web", {200, "{}", {}});
  EXPECT_EQ(podvisor({"delete", "pod", "web", "--wait=false"}).exit_code, 0);
  EXPECT_EQ(api_.requests().size(), 2U);
}

TEST_F(ClientVerbs, DeleteRemovesWhatElseWasApplied) {
  const std::string secret = "/api/v1/namespaces/default/secrets/key";
  api_.on("GET " + secret, {200, R"({"metadata":{"name":"key","uid":"1"}})", {}});
  api_.on("DELETE " + secret, {200, "{}", {}});
  api_.on("GET /api/v1/namespaces/default/secrets?fieldSelector=metadata.name%3Dkey",
          {200, R"({"items":[],"metadata":{"resourceVersion":"9"}})", {}});
  const Ran ran = podvisor({"delete", "secret/key"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(ran.out, "secret \"key\" deleted\n");
}

TEST_F(ClientVerbs, DeleteOfAFileBeginsWithItsPods) {
  const std::string path = testing::TempDir() + "delete." + std::to_string(::getpid()) + ".yaml";
  std::ofstream(path) << "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: shop}\n"
                         "---\napiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\n"
                         "spec: {containers: [{name: a, command: [sleep]}]}\n";
  for (const std::string object : {"configmaps/c", "pods/web"}) {
    const std::string at = "/api/v1/namespaces/shop/" + object;
    api_.on("GET " + at, {200, R"({"metadata":{"uid":"1"}})", {}});
    api_.on("DELETE " + at, {200, "{}", {}});
  }
  const Ran ran = podvisor({"delete", "--wait=false", "-f", path});
  std::remove(path.c_str());
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(ran.out, "pod \"web\" deleted\nconfigmap \"c\" deleted\n");
}

TEST_F(ClientVerbs, DeleteTakesWhatASelectorPicksOfEachKind) {
  api_.on(kPods + "?labelSelector=app%3Dx", {200, list_of({pod("web", "5")}), {}});
  api_.on("GET /api/v1/namespaces/default/services?labelSelector=app%3Dx", {200, list_of({}), {}});
  api_.on(kPods + "/web", {200, pod("web", "5").dump(), {}});
  api_.on("DELETE /api/v1/namespaces/default/pods/web", {200, "{}", {}});
  const Ran ran = podvisor({"delete", "pods,services", "-l", "app=x", "--wait=false"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(ran.out, "pod \"web\" deleted\n");
}

TEST_F(ClientVerbs, DeleteAllOfAKindThatThereIsNothingOf) {
  api_.on(kPods, {200, list_of({}), {}});
  const Ran ran = podvisor({"delete", "pods", "--all"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(ran.out, "No resources found\n");
}

TEST_F(ClientVerbs, GetAllIsPodsServicesAndDeployments) {
  api_.on(kPods, {200, list_of({pod("web", "5")}), {}});
  api_.on("GET /api/v1/namespaces/default/services", {200, list_of({}), {}});
  api_.on("GET /apis/apps/v1/namespaces/default/deployments", {200, list_of({}), {}});
  const Ran ran = podvisor({"get", "all", "-o", "name"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(ran.out, "pod/web\n");
}

TEST_F(ClientVerbs, DeleteOfNothingIsAnError) {
  EXPECT_EQ(podvisor({"delete"}).exit_code, 1);
  EXPECT_EQ(podvisor({"delete", "pod", "web", "--all"}).exit_code, 1);

  api_.on(kPods + "/web", {404, kNotFound, {}});
  EXPECT_EQ(podvisor({"delete", "pods"}).exit_code, 1);
  const Ran ran = podvisor({"delete", "pod", "web"});
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_EQ(ran.out, "");
}

TEST_F(ClientVerbs, WaitReturnsOnceTheConditionIsMet) {
  api_.on(kListWeb, {200, list_of({pod("web", "5", false)}), {}});
  api_.on(kWatchWeb,
          {200, event_line("MODIFIED", pod("db", "6")) + event_line("MODIFIED", pod("web", "7")),
           Answer::End::StayOpen});
  const Ran ran = podvisor({"wait", "--for=condition=Ready", "pod/web", "--timeout=-1s"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(ran.out, "pod/web condition met\n");
}

TEST_F(ClientVerbs, WaitTakesAStatusInAnyCase) {
  api_.on(kListWeb, {200, list_of({pod("web", "5", false)}), {}});
  EXPECT_EQ(podvisor({"wait", "--for=condition=ready=false", "pod/web"}).exit_code, 0);
}

TEST_F(ClientVerbs, WaitOutlivesAWatchThatEnds) {
  api_.on(kListWeb, {200, list_of({pod("web", "5", false)}), {}});
  api_.on(kListWeb, {200, list_of({pod("web", "6")}), {}});
  api_.on(kWatchWeb, {200, "", {}});
  EXPECT_EQ(podvisor({"wait", "--for=condition=Ready", "pod/web", "--timeout=-1s"}).exit_code, 0);
}

TEST_F(ClientVerbs, WaitSaysWhyItGaveUp) {
  api_.on(kPods + "/web", {200, pod("web", "5", false).dump(), {}});
  api_.on(kListWeb, {200, list_of({pod("web", "5", false)}), {}});
  api_.on(kEvents + "?fieldSelector=involvedObject.uid%3Duid-web",
          {200,
           list_of({unhealthy("uid-web",
                              "Readiness probe failed: HTTP probe failed with statuscode: 503")}),
           {}});
  const Ran ran = podvisor({"wait", "--for=condition=Ready", "pod/web", "--timeout=0"});
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_EQ(ran.err,
            "error: timed out waiting for the condition on pods/web\n"
            "pod/web: Ready is False: ContainersNotReady: containers with unready status: [main]\n"
            "last Unhealthy event, 10s ago: spec.containers{main}: Readiness probe failed: HTTP "
            "probe failed with statuscode: 503\n");
}

TEST_F(ClientVerbs, WaitGivesUpInTheMidstOfAWatch) {
  api_.on(kPods + "/web", {200, pod("web", "5", false).dump(), {}});
  api_.on(kListWeb, {200, list_of({pod("web", "5", false)}), {}});
  api_.on(kWatchWeb, {200, "", Answer::End::StayOpen});
  const Ran ran = podvisor({"wait", "--for=delete", "pod/web", "--timeout=20ms"});
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_THAT(ran.err, HasSubstr("pod/web is still there, phase Running"));
}

TEST_F(ClientVerbs, WaitForAPodThatIsNotThere) {
  api_.on(kListWeb, {200, list_of({}), {}});
  api_.on(kPods + "/web", {404, kNotFound, {}});
  EXPECT_EQ(podvisor({"wait", "--for=delete", "pod/web"}).exit_code, 0);
  const Ran ran = podvisor({"wait", "--for=condition=Ready", "pod/web"});
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_EQ(ran.err, "Error from server (NotFound): pods \"web\" not found\n");
}

TEST_F(ClientVerbs, WaitRefusesWhatItCannotWaitFor) {
  for (const char* what : {"ready", "condition=", "jsonpath={.x}"})
    EXPECT_THAT(podvisor({"wait", std::string("--for=") + what, "pod/web"}).err,
                HasSubstr("unrecognized condition"));
  EXPECT_EQ(podvisor({"wait", "--for=delete", "pod/web", "--timeout=soon"}).exit_code, 1);
  EXPECT_EQ(podvisor({"wait", "--for=delete", "pods"}).exit_code, 1);
  EXPECT_TRUE(api_.requests().empty());
}

TEST_F(ClientVerbs, VersionNamesBoth) {
  api_.on("GET /version", {200, R"({"gitVersion":"v9.9.9"})", {}});
  EXPECT_EQ(podvisor({"version"}).out, "Client Version: v0.1.0\nServer Version: v9.9.9\n");
}

}  // namespace
}  // namespace podvisor::cli
