// The whole API on a real loop, with a store that the test fills.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "api/api_server.h"
#include "api/fake_control.h"
#include "api/fake_executor.h"
#include "api/fake_manifests.h"
#include "api/fake_node.h"
#include "api/fake_rollouts.h"
#include "api/json.h"
#include "api/pods.h"
#include "http/raw_client.h"

namespace podvisor {

struct FixedClock : Clock {
  [[nodiscard]] Instant now() const override { return {TimePoint{}, kNoon}; }
};

struct ApiServerFixture : testing::Test {
  explicit ApiServerFixture(HttpLimits limits = {}) : directory(testing::TempDir() + "apiXXXXXX") {
    if (!::mkdtemp(directory.data())) throw std::runtime_error("mkdtemp");
    layout.state_dir = directory + "/state";
    server = std::make_unique<ApiServer>(
        loop, store, ApiPorts{control, node, executor, rollouts, deployments, manifests}, layout,
        clock, [] { return "metric 1\n"; }, limits);
    const auto listening = server->listen_unix(socket());
    EXPECT_TRUE(listening) << listening.error().message;
  }
  ~ApiServerFixture() override {
    server.reset();
    std::filesystem::remove_all(directory);
  }

  [[nodiscard]] std::string socket() const { return directory + "/podvisor.sock"; }
  RawClient client() { return RawClient(loop, socket()); }

  std::shared_ptr<const Pod> add(const std::string& name, bool ready = true) {
    const auto pod = make_pod(name);
    store.add_pod(pod, running_status(*pod, ready), kNoon);
    return pod;
  }
  Json get(const std::string& target, int status = 200) {
    return ask("GET " + target + " HTTP/1.1", status);
  }
  Json ask(const std::string& request_line, int status = 200, const std::string& body = {}) {
    auto c = client();
    EXPECT_EQ(c.request(request_line, body), status) << request_line << "\n" << c.body();
    EXPECT_EQ(c.header("Content-Type"), "application/json");
    return Json::parse(c.body(), nullptr, false);
  }
  std::string text(const std::string& target, int status = 200) {
    auto c = client();
    EXPECT_EQ(c.get(target), status) << target;
    return c.body();
  }

  std::string directory;
  Layout layout;
  Loop loop;
  ObjectStore store;
  FakeControl control{store};
  FakeNode node;
  FakeExecutor executor;
  FakeRollouts rollouts;
  FakeDeployments deployments{store};
  FakeManifests manifests;
  FixedClock clock;
  std::unique_ptr<ApiServer> server;
};

}  // namespace podvisor
