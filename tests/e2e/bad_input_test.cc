// Bad input: one line that says where and what, a non-zero exit, and nothing half started.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "e2e/host.h"

namespace podvisor {
namespace {

struct BadInput {
  const char* name;
  std::string text;
  std::string says;  ///< a regular expression for one line of standard error
};

std::string pod_with(const std::string& container, const std::string& spec = "") {
  return "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n" + spec +
         "  containers:\n  - name: main\n    command: [sleep, infinity]\n" + container;
}

const BadInput kTable[] = {
    {"NotYaml", "kind: Pod\nmetadata: [", ":3:1: not valid YAML: .*"},
    {"WrongType", pod_with("    workingDir: [a]\n"),
     ":9:5: spec.containers\\[0\\].workingDir: .*single value.*"},
    {"UnknownField", pod_with("    livenesProbe: {}\n"), ":9:5: .*did you mean.*livenessProbe.*"},
    {"NoName",
     "apiVersion: v1\nkind: Pod\nmetadata: {}\nspec: {containers: [{name: a, command: "
     "[\"true\"]}]}\n",
     ":3:1: metadata.name: Required value.*"},
    {"TwoOfOneName", pod_with("  - name: main\n    command: [\"true\"]\n"),
     ":9:11: .*Duplicate value.*"},
    {"TwoHandlers",
     pod_with("    livenessProbe: {tcpSocket: {port: 80}, exec: {command: [\"true\"]}}\n"),
     ".*may not specify more than 1 handler type.*"},
    {"Port70000", pod_with("    ports: [{containerPort: 70000}]\n"), ":9:29: .*70000.*65535.*"},
    {"NoSuchCommand", pod_with("  - name: other\n    command: [/no/such/program]\n"),
     ":10:15: spec.containers\\[1\\].command\\[0\\]: .*/no/such/program.*"},
    {"NoSuchUser", pod_with("    securityContext: {runAsUser: nosuchuser}\n"),
     ":9:34: .*nosuchuser.*"},
    {"Binary",
     std::string("\x7f"
                 "ELF\0\0\1",
                 7),
     ".*not a text file.*"},
    {"TenMegabytes", std::string(10 << 20, 'x'), ".*3 ?MiB.*"},
};

class BadInputTest : public Host {
 protected:
  CommandResult run(const std::string& path) {
    std::vector<std::string> argv{PODVISOR, "run", path};
    const auto where = places();
    argv.insert(argv.end(), where.begin(), where.end());
    return run_command(argv);
  }
};

TEST_F(BadInputTest, EachIsOneLineAtItsPlaceAndStartsNothing) {
  for (const BadInput& bad : kTable) {
    SCOPED_TRACE(bad.name);
    const std::string path = dir() + "/bad.yaml";
    std::ofstream(path) << bad.text;
    const CommandResult result = run(path);
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_EQ(result.out, "");
    EXPECT_EQ(std::ranges::count(result.err, '\n'), 1) << result.err;
    EXPECT_THAT(result.err, testing::MatchesRegex(path + bad.says + "\n"));
    expect_nothing_left();
  }
}

TEST_F(BadInputTest, OneBadPodOfTwoKeepsBothFromStarting) {
  std::ofstream(dir() + "/bad.yaml")
      << pod_with("") << "---\n"
      << "apiVersion: v1\nkind: Pod\nmetadata: {name: b}\nspec: {}\n";
  const CommandResult result = run(dir() + "/bad.yaml");
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.out, "");
}

TEST_F(BadInputTest, AnEmptyDirectoryAndAMissingFileSaySo) {
  std::filesystem::create_directory(dir() + "/empty");
  EXPECT_EQ(run(dir() + "/empty").exit_code, 1);
  const CommandResult missing = run(dir() + "/nowhere.yaml");
  EXPECT_EQ(missing.exit_code, 1);
  EXPECT_THAT(missing.err, testing::HasSubstr("nowhere.yaml"));
}

TEST_F(BadInputTest, APortOfTheHostThatIsTakenIsSaidBeforeAnythingStarts) {
  Background server({"python3", "-m", "http.server", "8077"}, dir() + "/s.out", dir() + "/s.err");
  ASSERT_TRUE(eventually([] {
    return run_command({"curl", "-s", "-o", "/dev/null", "127.0.0.1:8077"}).exit_code == 0;
  }));
  std::ofstream(dir() + "/port.yaml")
      << pod_with("    ports: [{containerPort: 8077}]\n", "  hostNetwork: true\n");
  const CommandResult result = run(dir() + "/port.yaml");
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, testing::HasSubstr("8077"));
  EXPECT_EQ(result.out, "");
}

TEST_F(BadInputTest, WithoutRootAPodsOwnNetworkIsRefusedWithTheWayOut) {
  std::filesystem::permissions(dir(), std::filesystem::perms::all);
  std::ofstream(dir() + "/web.yaml") << pod_with("");
  std::filesystem::permissions(dir() + "/web.yaml", std::filesystem::perms::all);
  std::vector<std::string> argv{"setpriv", "--reuid=65534", "--regid=65534",    "--clear-groups",
                                PODVISOR,  "run",           dir() + "/web.yaml"};
  const auto where = places();
  argv.insert(argv.end(), where.begin(), where.end());
  const CommandResult result = run_command(argv);
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, testing::HasSubstr("hostNetwork: true"));
}

TEST_F(BadInputTest, ValidateSaysWhatThisHostLacksWhenAsked) {
  Background server({"python3", "-m", "http.server", "8078"}, dir() + "/s.out", dir() + "/s.err");
  ASSERT_TRUE(eventually([] {
    return run_command({"curl", "-s", "-o", "/dev/null", "127.0.0.1:8078"}).exit_code == 0;
  }));
  const std::string path = dir() + "/pods.yaml";
  std::ofstream(path) << pod_with("    ports: [{containerPort: 8078}]\n", "  hostNetwork: true\n")
                      << "---\n"
                      << "apiVersion: v1\nkind: Pod\nmetadata: {name: b}\n"
                      << "spec: {containers: [{name: b, command: [/no/such/program]}]}\n"
                      << "---\n"
                      << "apiVersion: v1\nkind: Pod\nmetadata: {name: fine}\n"
                      << "spec: {containers: [{name: b, command: [sleep, infinity]}]}\n";
  const CommandResult anywhere = run_command({PODVISOR, "validate", path});
  EXPECT_EQ(anywhere.exit_code, 0) << anywhere.err;
  EXPECT_EQ(anywhere.out, "pod/web: valid\npod/b: valid\npod/fine: valid\n");
  const CommandResult here = run_command({PODVISOR, "validate", path, "--host"});
  EXPECT_EQ(here.exit_code, 1);
  EXPECT_EQ(here.out, "pod/fine: valid\n");
  EXPECT_THAT(here.err, testing::HasSubstr(path + ":10:29: spec.containers[0].ports[0]"));
  EXPECT_THAT(here.err, testing::HasSubstr("8078"));
  EXPECT_THAT(here.err, testing::HasSubstr("spec.containers[0].command[0]: "));
  EXPECT_THAT(here.err, testing::HasSubstr("/no/such/program"));
}

}  // namespace
}  // namespace podvisor
