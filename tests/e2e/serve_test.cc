// A directory of manifests as a service, and the command line client against it.
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/stat.h>

#include "e2e/host.h"

namespace podvisor {
namespace {

using testing::Contains;
using testing::HasSubstr;

std::string pod_yaml(const std::string& name, const std::string& command) {
  return "apiVersion: v1\nkind: Pod\nmetadata: {name: " + name +
         "}\nspec:\n  terminationGracePeriodSeconds: 1\n  containers:\n  - {name: main, command: " +
         command + "}\n";
}

using Serve = Host;

TEST_F(Serve, AFileAddedChangedAndRemovedActsOnItsPod) {
  serve();
  write_manifest("web.yaml", pod_yaml("web", "[sleep, infinity]"));
  ASSERT_TRUE(eventually([&] { return ready("web"); })) << podvisor_log();
  const std::string uid = pod("web")["metadata"]["uid"];

  write_manifest("web.yaml", pod_yaml("web", "[sleep, 1d]"));
  ASSERT_TRUE(eventually([&] { return pod("web")["metadata"]["uid"] != uid && ready("web"); }));
  EXPECT_EQ(pod("web")["spec"]["containers"][0]["command"][1], "1d");

  remove_manifest("web.yaml");
  ASSERT_TRUE(eventually([&] { return pod("web").is_null(); }));
}

TEST_F(Serve, ABrokenFileIsAnEventAndLeavesTheRunningPodAlone) {
  serve();
  write_manifest("web.yaml", pod_yaml("web", "[sleep, infinity]"));
  ASSERT_TRUE(eventually([&] { return ready("web"); }));
  const int pid = pid_of("web", "main");
  write_manifest("web.yaml", "kind: Pod\nmetadata: [");
  ASSERT_TRUE(eventually([&] {
    for (const std::string& line : events("web"))
      if (line.starts_with("InvalidManifest ")) return true;
    return false;
  })) << podvisor_log();
  EXPECT_TRUE(ready("web"));
  EXPECT_EQ(pid_of("web", "main"), pid);
}

TEST_F(Serve, VOL4_APodWaitsForItsHostPathAndItsNeighboursDoNot) {
  serve({"--max-container-restart-period", "1s"});
  const std::string late = dir() + "/late";
  write_manifest("web.yaml",
                 "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n"
                 "  volumes: [{name: v, hostPath: {path: " +
                     late +
                     "}}]\n  containers:\n  - {name: main, command: [sleep, infinity],"
                     " volumeMounts: [{name: v, mountPath: /mnt}]}\n---\n" +
                     pod_yaml("neighbour", "[sleep, infinity]"));
  const std::string failed = "FailedMount MountVolume.SetUp failed for volume \"v\" : " + late +
                             " does not exist on this host; make it, or set type: "
                             "DirectoryOrCreate";
  ASSERT_TRUE(eventually([&] { return ready("neighbour") && !events("web").empty(); }))
      << podvisor_log();
  EXPECT_THAT(events("web"), Contains(failed));
  EXPECT_EQ(pod("web")["status"]["phase"], "Pending");
  EXPECT_EQ(container("web", "main")["state"]["waiting"]["reason"], "ContainerCreating");
  ASSERT_EQ(::mkdir(late.c_str(), 0755), 0);
  EXPECT_TRUE(eventually([&] { return ready("web"); })) << podvisor_log();
}

TEST_F(Serve, AnUnchangedFileThatIsWrittenAgainChangesNothing) {
  serve();
  write_manifest("web.yaml", pod_yaml("web", "[sleep, infinity]"));
  ASSERT_TRUE(eventually([&] { return ready("web"); }));
  const int pid = pid_of("web", "main");
  write_manifest("web.yaml", pod_yaml("web", "[sleep, infinity]"));
  write_manifest("other.yaml", pod_yaml("other", "[sleep, infinity]"));
  ASSERT_TRUE(eventually([&] { return ready("other"); }));
  EXPECT_EQ(pid_of("web", "main"), pid);
}

TEST_F(Serve, WhatWasThereBeforeIsRunFromTheStart) {
  write_manifest("a.yaml", pod_yaml("a", "[sleep, infinity]"));
  write_manifest("b.yaml", pod_yaml("b", "[sleep, infinity]"));
  serve();
  EXPECT_TRUE(eventually([&] { return ready("a") && ready("b"); })) << podvisor_log();
}

TEST_F(Serve, ASecondPodvisorOnTheSameStateDirectoryIsRefusedByPid) {
  serve();
  std::vector<std::string> argv{PODVISOR, "serve", "--manifests", manifests()};
  const auto where = places();
  argv.insert(argv.end(), where.begin(), where.end());
  const CommandResult second = run_command(argv);
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_THAT(second.err, HasSubstr("(pid " + std::to_string(podvisor().pid()) + ")"));
}

TEST_F(Serve, TheClientsVerbsWorkAsKubectls) {
  serve();
  EXPECT_EQ(cli({"get", "pods"}).err, "No resources found in default namespace.\n");
  write_manifest("web.yaml", pod_yaml("web", R"([sh, -c, "echo hello; exec sleep 1d"])"));
  const CommandResult waited = cli({"wait", "--for=condition=Ready", "pod/web", "--timeout=10s"});
  EXPECT_EQ(waited.exit_code, 0) << waited.err;
  EXPECT_EQ(waited.out, "pod/web condition met\n");
  EXPECT_THAT(cli({"get", "pods"}).out, HasSubstr("web    1/1     Running   0"));
  EXPECT_THAT(cli({"get", "pod", "web", "-o", "wide"}).out,
              HasSubstr(pod("web")["status"]["podIP"].get<std::string>()));
  EXPECT_TRUE(eventually([&] { return cli({"logs", "web"}).out == "hello\n"; }));
  EXPECT_THAT(cli({"describe", "pod", "web"}).out, HasSubstr("Container started"));
  EXPECT_THAT(cli({"events"}).out, HasSubstr("Pod/web"));
  const CommandResult missing = cli({"get", "pod", "nope"});
  EXPECT_EQ(missing.exit_code, 1);
  EXPECT_EQ(missing.err, "Error from server (NotFound): pods \"nope\" not found\n");
  EXPECT_EQ(cli({"delete", "pod", "web"}).out, "pod \"web\" deleted\n");
  EXPECT_TRUE(pod("web").is_null());
}

TEST_F(Serve, WaitSaysWhyAPodDidNotBecomeReady) {
  serve();
  write_manifest("web.yaml", pod_yaml("web",
                                      "[sleep, infinity], readinessProbe: {exec: {command: "
                                      "[sh, -c, \"echo not yet; exit 1\"]}}"));
  const CommandResult waited = cli({"wait", "--for=condition=Ready", "pod/web", "--timeout=2s"});
  EXPECT_EQ(waited.exit_code, 1);
  EXPECT_THAT(waited.err, HasSubstr("not yet"));
}

TEST_F(Serve, LogsFollowThroughARestartAndShowThePreviousInstance) {
  serve();
  write_manifest("web.yaml", pod_yaml("web", R"([sh, -c, "echo run; while [ ! -e )" + dir() +
                                                 R"(/go ]; do sleep 0.02; done; rm )" + dir() +
                                                 R"(/go; echo bye; exit 3"])"));
  ASSERT_TRUE(eventually([&] { return cli({"logs", "web"}).out == "run\n"; }));
  run_command({"touch", dir() + "/go"});
  ASSERT_TRUE(eventually([&] { return container("web", "main").value("restartCount", 0) == 1; }));
  EXPECT_TRUE(eventually([&] { return cli({"logs", "web", "--previous"}).out == "run\nbye\n"; }));
  EXPECT_EQ(container("web", "main")["lastState"]["terminated"]["exitCode"], 3);
}

TEST_F(Serve, ReadyzOfAPodFollowsItsReadiness) {
  serve({"--listen", "127.0.0.1:0"});
  write_manifest("web.yaml", pod_yaml("web",
                                      "[sleep, infinity], readinessProbe: {periodSeconds: "
                                      "1, exec: {command: [test, -e, " +
                                          dir() + "/up]}}"));
  const auto code = [&](const std::string& path) {
    return run_command({"curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "--unix-socket",
                        socket(), "http://podvisor" + path})
        .out;
  };
  ASSERT_TRUE(eventually([&] { return code("/readyz/default/web") == "503"; }));
  run_command({"touch", dir() + "/up"});
  EXPECT_TRUE(eventually([&] { return code("/readyz/default/web") == "200"; }));
  EXPECT_EQ(code("/livez"), "200");
}

}  // namespace
}  // namespace podvisor
