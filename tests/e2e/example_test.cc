// config/examples on the real thing: nginx, php-fpm and a log shipper, as `make run` runs them.
#include <gmock/gmock.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <regex>

#include "e2e/host.h"

namespace podvisor {
namespace {

using testing::HasSubstr;

class Example : public Host {
 protected:
  /// `podvisor run` of an example, in the background.
  std::unique_ptr<Background> run(const std::string& example) {
    std::vector<std::string> argv{PODVISOR, "run", EXAMPLES "/" + example};
    const auto where = places();
    argv.insert(argv.end(), where.begin(), where.end());
    return std::make_unique<Background>(argv, dir() + "/run.out", dir() + "/run.err");
  }
  [[nodiscard]] std::string narrated() const { return read_file(dir() + "/run.out"); }
};

TEST_F(Example, PhpNginxBecomesReadyServesPhpShipsItsLogAndLeavesNothing) {
  const auto podvisor = run("php-nginx.yaml");
  ASSERT_TRUE(eventually([&] { return narrated().find("Ready after") != std::string::npos; }))
      << narrated() << read_file(dir() + "/run.err");
  std::smatch address;
  const std::string text = narrated();
  ASSERT_TRUE(std::regex_search(text, address, std::regex(R"(http://[0-9.]+:8080/)"))) << text;
  EXPECT_THAT(run_command({"curl", "-s", "-A", "e2e", address.str()}).out,
              HasSubstr("Hello from PHP"));
  EXPECT_TRUE(eventually([&] {
    return cli({"logs", "php-nginx", "-c", "log-shipper"}).out.find("\"e2e\"") != std::string::npos;
  })) << "the shipper did not see nginx's access log";
  for (const char* name : {"nginx", "php-fpm", "log-shipper"})
    EXPECT_EQ(container("php-nginx", name)["restartCount"], 0) << name;
  podvisor->signal(SIGINT);
  EXPECT_EQ(podvisor->wait(std::chrono::seconds(20)), 0) << narrated();
  expect_nothing_left();
  EXPECT_FALSE(std::filesystem::exists("/srv/podvisor-example"));
}

TEST_F(Example, AJobRunsToItsEndAndItsResultIsTheExitCode) {
  const std::string job = dir() + "/job.yaml";
  for (const int code : {0, 3}) {
    std::ofstream(job) << "apiVersion: v1\nkind: Pod\nmetadata: {name: job}\nspec:\n"
                          "  restartPolicy: Never\n  containers:\n"
                          "  - {name: main, command: [sh, -c, exit " +
                              std::to_string(code) + "]}\n";
    std::vector<std::string> argv{PODVISOR, "run", job};
    const auto where = places();
    argv.insert(argv.end(), where.begin(), where.end());
    EXPECT_EQ(run_command(argv).exit_code, code);
    expect_nothing_left();
  }
}

}  // namespace
}  // namespace podvisor
