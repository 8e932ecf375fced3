// ConfigMaps, Secrets and what else stands beside pods, in a directory that is served and in a run.
#include <gmock/gmock.h>
#include <signal.h>

#include "e2e/host.h"

namespace podvisor {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::StartsWith;

using Kinds = Host;

const std::string kPod =
    "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  terminationGracePeriodSeconds: 1\n"
    "  containers: [{name: main, command: [sh, -c, 'echo on; exec sleep infinity']}]\n";

std::string config_map(const std::string& value, bool immutable = false) {
  return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: site}\ndata: {page: " + value + "}\n" +
         (immutable ? "immutable: true\n" : "");
}

const std::string kSecret =
    "apiVersion: v1\nkind: Secret\nmetadata: {name: keys}\nstringData: {pass: hunter2}\n";

TEST_F(Kinds, ADirectorysConfigMapsAndSecretsFollowItsFiles) {
  write_manifest("a.yaml", config_map("one") + "---\n" + kSecret);
  serve();
  const auto page = [&] { return cli({"get", "cm", "site", "-o", "yaml"}).out; };
  ASSERT_TRUE(eventually([&] { return page().find("page: one") != std::string::npos; }))
      << podvisor_log();
  EXPECT_THAT(cli({"get", "secrets"}).out, HasSubstr("keys   Opaque   1"));
  EXPECT_EQ(cli({"describe", "secret", "keys"}).out.find("hunter2"), std::string::npos);
  write_manifest("a.yaml", config_map("two"));
  ASSERT_TRUE(eventually([&] { return page().find("page: two") != std::string::npos; }));
  EXPECT_TRUE(eventually([&] { return cli({"get", "secret", "keys"}).exit_code == 1; }));
  EXPECT_EQ(podvisor_log().find("hunter2"), std::string::npos);
}

TEST_F(Kinds, AnImmutableOneRefusesItsChangeWithAnEvent) {
  write_manifest("a.yaml", config_map("one", true));
  serve();
  ASSERT_TRUE(eventually([&] { return cli({"get", "cm", "site"}).exit_code == 0; }));
  write_manifest("a.yaml", config_map("two", true));
  ASSERT_TRUE(eventually([&] {
    return cli({"events"}).out.find("field is immutable") != std::string::npos;
  })) << podvisor_log();
  EXPECT_THAT(cli({"events"}).out, HasSubstr("ConfigMap/site"));
  EXPECT_THAT(cli({"get", "cm", "site", "-o", "yaml"}).out, HasSubstr("page: one"));
}

TEST_F(Kinds, WatchersAndFollowersAreEndedWellWhenPodvisorEnds) {
  write_manifest("web.yaml", kPod);
  serve();
  ASSERT_TRUE(eventually([&] { return ready("web"); })) << podvisor_log();
  const auto follow = [&](const std::string& name, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), PODVISOR);
    arguments.insert(arguments.end(), {"--socket", socket()});
    return std::make_unique<Background>(arguments, dir() + "/" + name, dir() + "/" + name + ".err");
  };
  const auto get = follow("get", {"get", "pods", "-w"});
  const auto events = follow("events", {"events", "-w"});
  const auto logs = follow("logs", {"logs", "web", "-f"});
  for (const char* name : {"/get", "/events", "/logs"})
    ASSERT_TRUE(eventually([&] { return !read_file(dir() + name).empty(); })) << name;
  podvisor().signal(SIGINT);
  EXPECT_EQ(podvisor().wait(std::chrono::seconds(20)), 0);
  EXPECT_EQ(get->wait(std::chrono::seconds(5)), 0) << read_file(dir() + "/get.err");
  EXPECT_EQ(events->wait(std::chrono::seconds(5)), 0) << read_file(dir() + "/events.err");
  EXPECT_EQ(logs->wait(std::chrono::seconds(5)), 0) << read_file(dir() + "/logs.err");
}

TEST_F(Kinds, ValidateModesHoldForRun) {
  write_manifest("odd.yaml", kPod + "speck: 1\n");
  const auto run = [&](const std::string& mode) {
    std::vector<std::string> argv{PODVISOR, "run", manifests() + "/odd.yaml", "--validate=" + mode};
    const auto where = places();
    argv.insert(argv.end(), where.begin(), where.end());
    Background podvisor(argv, dir() + "/out." + mode, dir() + "/err." + mode);
    eventually([&] {
      return !podvisor.running() ||
             read_file(dir() + "/out." + mode).find("Ready") != std::string::npos;
    });
    podvisor.signal(SIGINT);
    podvisor.wait(std::chrono::seconds(10));
    return read_file(dir() + "/out." + mode) + read_file(dir() + "/err." + mode);
  };
  const std::string strict = run("strict");
  EXPECT_THAT(strict, HasSubstr("speck: unknown field \"speck\" in Pod"));
  EXPECT_EQ(strict.find("Ready after"), std::string::npos);
  const std::string warn = run("warn");
  EXPECT_THAT(warn, HasSubstr("speck: warning: unknown field"));
  EXPECT_THAT(warn, HasSubstr("Ready after"));
  const std::string ignore = run("ignore");
  EXPECT_EQ(ignore.find("unknown field"), std::string::npos);
  EXPECT_THAT(ignore, HasSubstr("Ready after"));
}

}  // namespace
}  // namespace podvisor
