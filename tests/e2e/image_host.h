// A Host with images: made of busybox by the test itself and taken from an OCI layout, so that no
// registry is asked. Skips where there is no umoci or no busybox.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "e2e/host.h"

namespace podvisor {

class ImageHost : public Host {
 protected:
  void SetUp() override {
    Host::SetUp();
    if (IsSkipped()) return;
    make_image("plain", {});
  }

  /// No image is left, nor the store.
  void TearDown() override {
    if (!dir().empty() && !IsSkipped()) {
      for (const auto& entry : std::filesystem::directory_iterator(manifests()))
        std::filesystem::remove(entry);
      EXPECT_TRUE(eventually([&] { return cli({"get", "pods"}).out.empty(); })) << podvisor_log();
      EXPECT_EQ(image({"prune"}).exit_code, 0);
    }
    Host::TearDown();
  }

  void make_image(const std::string& tag, std::vector<std::string> config) {
    std::vector<std::string> argv{MAKE_IMAGE, layout(), tag};
    argv.insert(argv.end(), config.begin(), config.end());
    const CommandResult made = run_command(argv);
    if (made.exit_code == 77) GTEST_SKIP() << made.err;
    ASSERT_EQ(made.exit_code, 0) << made.err;
  }
  [[nodiscard]] std::string layout() const { return dir() + "/layout"; }
  [[nodiscard]] std::string image_name(const std::string& tag = "plain") const {
    return "oci:" + layout() + ":" + tag;
  }

  CommandResult image(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {PODVISOR, "image"});
    arguments.insert(arguments.end(), {"--state-dir", dir() + "/state"});
    return run_command(arguments);
  }

  /// A pod of containers given as YAML list items below `containers:`.
  void write_pod(const std::string& containers, const std::string& spec = "") const {
    write_manifest("a.yaml",
                   "apiVersion: v1\nkind: Pod\n"
                   "metadata: {name: a, annotations: {podvisor.io/network: none}}\n"
                   "spec:\n  terminationGracePeriodSeconds: 0\n" +
                       spec + "  containers:\n" + containers);
  }
  /// One container that runs `script`.
  [[nodiscard]] std::string main_container(const std::string& script,
                                           const std::string& more = "") const {
    return "  - name: main\n    image: '" + image_name() + "'\n    command: [sh, -c, '" + script +
           "']\n" + more;
  }
  /// Runs `script` to its end and returns what it said.
  std::string said_by(const std::string& script, const std::string& more = "",
                      const std::string& spec = "") {
    serve();
    write_pod(main_container(script, more), "  restartPolicy: Never\n" + spec);
    EXPECT_TRUE(eventually([&] { return !ended("main").is_null(); })) << why();
    return log();
  }
  /// state.terminated.
  [[nodiscard]] nlohmann::json ended(const std::string& name) const {
    return container("a", name).value(nlohmann::json::json_pointer("/state/terminated"),
                                      nlohmann::json());
  }
  [[nodiscard]] nlohmann::json waiting(const std::string& name) const {
    return container("a", name).value(nlohmann::json::json_pointer("/state/waiting"),
                                      nlohmann::json());
  }
  [[nodiscard]] std::string log() const { return cli({"logs", "a"}).out; }
  [[nodiscard]] std::string why() const {
    return pod("a").dump(1) + testing::PrintToString(events("a")) + podvisor_log();
  }
};

}  // namespace podvisor
