// `run`, `serve`, `validate`, `version` and the command line as such: nothing here needs a server.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "cli/terminal.h"

namespace podvisor::cli {
namespace {

using testing::TempDir;

struct Recorded {
  DaemonOptions options;
  std::string entry;
  DaemonEntry daemon{[this](const DaemonOptions& given) { return record("run", given); },
                     [this](const DaemonOptions& given) { return record("serve", given); }};

 private:
  int record(const char* name, const DaemonOptions& given) {
    entry = name;
    options = given;
    return 7;
  }
};

TEST(RunVerb, PassesFilesAndDefaults) {
  Recorded recorded;
  EXPECT_EQ(run_command({"run", "a.yaml", "dir", "-"}, recorded.daemon).exit_code, 7);
  EXPECT_EQ(recorded.entry, "run");
  EXPECT_EQ(recorded.options.manifests, (std::vector<std::string>{"a.yaml", "dir", "-"}));
  EXPECT_EQ(recorded.options.layout.state_dir, "/var/lib/podvisor");
  EXPECT_EQ(recorded.options.layout.runtime_dir, "/run/podvisor");
  EXPECT_EQ(recorded.options.socket, "");
  EXPECT_EQ(recorded.options.network, NetworkMode::Bridge);
  EXPECT_TRUE(recorded.options.masquerade);
  EXPECT_TRUE(recorded.options.cgroups);
  EXPECT_EQ(recorded.options.backoff.max, std::chrono::seconds(300));
  EXPECT_EQ(recorded.options.validate, Validate::Strict);
}

TEST(RunVerb, PassesEveryFlag) {
  Recorded recorded;
  const Ran ran = run_command(
      {"run", "a.yaml", "--state-dir=/s", "--runtime-dir", "/r", "--socket=/x.sock",
       "--listen=127.0.0.1:0", "--bridge=br9", "--pod-cidr=10.1.0.0/24", "--network=none",
       "--no-masquerade", "--cgroups=none", "--cgroup-parent=here", "--pod-max-pids=64",
       "--max-container-restart-period=2s", "--volume-stats-agg-period=1m", "--validate=warn"},
      recorded.daemon);
  ASSERT_EQ(ran.exit_code, 7) << ran.err;
  const DaemonOptions& options = recorded.options;
  EXPECT_EQ(options.layout.state_dir, "/s");
  EXPECT_EQ(options.layout.runtime_dir, "/r");
  EXPECT_EQ(options.socket, "/x.sock");
  EXPECT_EQ(options.listen, "127.0.0.1:0");
  EXPECT_EQ(options.bridge, "br9");
  EXPECT_EQ(options.pod_cidr, "10.1.0.0/24");
  EXPECT_EQ(options.network, NetworkMode::None);
  EXPECT_FALSE(options.masquerade);
  EXPECT_FALSE(options.cgroups);
  EXPECT_EQ(options.cgroup_parent, "here");
  EXPECT_EQ(options.pod_max_pids, 64);
  EXPECT_EQ(options.backoff.max, std::chrono::seconds(2));
  EXPECT_EQ(options.volume_stats_period, std::chrono::minutes(1));
  EXPECT_EQ(options.validate, Validate::Warn);
}

TEST(RunVerb, NET8_TakesAClustersDns) {
  Recorded recorded;
  EXPECT_EQ(recorded.options.cluster_domain, "cluster.local");
  const Ran ran = run_command({"run", "--cluster-dns", "10.96.0.10,fd00::a", "--cluster-dns",
                               "10.96.0.11", "a.yaml", "--cluster-domain=k8s.example"},
                              recorded.daemon);
  ASSERT_EQ(ran.exit_code, 7) << ran.err;
  EXPECT_EQ(recorded.options.cluster_dns,
            (std::vector<std::string>{"10.96.0.10", "fd00::a", "10.96.0.11"}));
  EXPECT_EQ(recorded.options.cluster_domain, "k8s.example");
  EXPECT_EQ(recorded.options.manifests, std::vector<std::string>{"a.yaml"});
  EXPECT_EQ(run_command({"run", "a.yaml", "--cluster-domain", ""}, recorded.daemon).exit_code, 7);
  EXPECT_EQ(recorded.options.cluster_domain, "");
}

TEST(ServeVerb, TakesOneDirectory) {
  Recorded recorded;
  EXPECT_EQ(run_command({"serve", "--manifests", "/etc/pods"}, recorded.daemon).exit_code, 7);
  EXPECT_EQ(recorded.entry, "serve");
  EXPECT_EQ(recorded.options.manifests, std::vector<std::string>{"/etc/pods"});
}

TEST(CommandLine, RefusesWhatMakesNoSenseBeforeAnythingStarts) {
  const std::vector<std::vector<std::string>> wrong = {
      {},
      {"fly"},
      {"run"},
      {"serve"},
      {"serve", "dir"},
      {"run", "a", "--network=host"},
      {"run", "a", "--cgroups=maybe"},
      {"run", "a", "--pod-max-pids=-1"},
      {"run", "a", "--listen=9100"},
      {"run", "a", "--listen=127.0.0.1:70000"},
      {"run", "a", "--listen=:9100"},
      {"run", "a", "--max-container-restart-period=0"},
      {"run", "a", "--max-container-restart-period=301s"},
      {"run", "a", "--max-container-restart-period=soon"},
      {"run", "a", "--volume-stats-agg-period=0"},
      {"run", "a", "--validate=no"},
      {"run", "a", "--cluster-dns=dns.example"},
      {"run", "a", "--cluster-domain=K8s example"},
      {"run", "a", "--no-such-flag"},
      {"get"},
      {"get", "pods", "-o", "xml"},
      {"logs"},
      {"wait", "pod/web"},
      {"validate"},
  };
  for (const auto& arguments : wrong) {
    Recorded recorded;
    const Ran ran = run_command(arguments, recorded.daemon);
    EXPECT_EQ(ran.exit_code, 1) << testing::PrintToString(arguments);
    EXPECT_TRUE(ran.err.starts_with("error: ")) << ran.err;
    EXPECT_EQ(ran.out, "");
    EXPECT_EQ(recorded.entry, "");
  }
}

TEST(CommandLine, NamesTheVerbWhoseHelpToRead) {
  EXPECT_NE(run_command({"get", "pods", "--nope"}).err.find("See 'podvisor get --help'"),
            std::string::npos);
}

TEST(CommandLine, HelpAndVersionAreNoFailures) {
  const Ran help = run_command({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  for (const char* verb : {"run", "serve", "get", "describe", "events", "logs", "delete", "wait",
                           "validate", "version"})
    EXPECT_NE(help.out.find(std::string("\n  ") + verb), std::string::npos) << help.out;
  EXPECT_EQ(run_command({"run", "--help"}).exit_code, 0);
  EXPECT_EQ(run_command({"--version"}).out, std::string("podvisor 0.1.0\n"));
}

TEST(CommandLine, OutputThatCannotBeWrittenIsAFailure) {
  std::ofstream full("/dev/full");
  std::ostringstream err;
  const Console console{full, err, [] { return WallTime{}; }};
  EXPECT_EQ(command_line({"version", "--client"}, console, {}), 1);
  EXPECT_EQ(err.str(), "error: writing the output failed\n");
}

TEST(VersionVerb, NamesTheClientAloneWhereNothingRuns) {
  const Ran ran = run_command({"version", "--socket", "/nonexistent/podvisor.sock"});
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_EQ(ran.out, "Client Version: v0.1.0\n");
}

class ValidateVerb : public testing::Test {
 protected:
  ValidateVerb() {
    std::string folder = TempDir() + "podvisor-validate-XXXXXX";
    EXPECT_NE(mkdtemp(folder.data()), nullptr);
    folder_ = folder;
  }
  ~ValidateVerb() override { std::filesystem::remove_all(folder_); }
  std::string file(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name) << text;
    return folder_ / name;
  }
  std::filesystem::path folder_;
};

const std::string kGood =
    "apiVersion: v1\nkind: Pod\nmetadata: {name: good}\n"
    "spec: {containers: [{name: a, command: [/bin/true]}]}\n";
const std::string kBad = "apiVersion: v1\nkind: Pod\nmetadata: {name: bad}\nspec: {}\n";

TEST_F(ValidateVerb, NamesValidPods) {
  const Ran ran = run_command({"validate", file("good.yaml", kGood)});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(ran.out, "pod/good: valid\n");
  EXPECT_EQ(ran.err, "");
}

TEST_F(ValidateVerb, TakesFilesAsKubectlsVerbsDo) {
  const std::string good = file("good.yaml", kGood);
  EXPECT_EQ(run_command({"validate", "-f", good}).out, "pod/good: valid\n");
  EXPECT_EQ(run_command({"validate", "--filename=" + good}).out, "pod/good: valid\n");
}

TEST_F(ValidateVerb, ExamplesAreValid) {
  const Ran ran = run_command({"validate", CLI_EXAMPLES});
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_EQ(ran.err, "");
  EXPECT_NE(ran.out.find("pod/php-nginx: valid\n"), std::string::npos);
}

TEST_F(ValidateVerb, TellsWhatIsWrongAndGoesOn) {
  const std::string bad = file("bad.yaml", kBad);
  const Ran ran = run_command({"validate", bad, file("good.yaml", kGood), "/nonexistent.yaml"});
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_EQ(ran.out, "pod/good: valid\n");
  EXPECT_NE(ran.err.find(bad + ":"), std::string::npos) << ran.err;
  EXPECT_NE(ran.err.find("/nonexistent.yaml"), std::string::npos) << ran.err;
}

TEST_F(ValidateVerb, VAL29_UnknownFieldsCanBeAllowed) {
  const std::string path = file("odd.yaml", kGood + "speck: 1\n");
  EXPECT_EQ(run_command({"validate", path}).exit_code, 1);
  const Ran warned = run_command({"validate", "--validate=warn", path});
  EXPECT_EQ(warned.exit_code, 0);
  EXPECT_NE(warned.err.find("warning: "), std::string::npos) << warned.err;
  EXPECT_EQ(run_command({"validate", "--validate=ignore", path}).err, "");
}

}  // namespace
}  // namespace podvisor::cli
