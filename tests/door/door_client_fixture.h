// podvisor's side in this process, and a door that is a process of its own.
#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "door/backend.h"
#include "door/client.h"
#include "door/door_client.h"
#include "door/door_process.h"
#include "http/listen.h"

namespace podvisor {

struct DoorClientTest : testing::Test, DoorEvents {
  DoorClientTest() {
    std::string pattern = std::filesystem::temp_directory_path() / "podvisor-door-XXXXXX";
    directory = mkdtemp(pattern.data());
    listener.id = "default/web:80";
    listener.mode = DoorMode::Http;
  }
  ~DoorClientTest() override {
    if (door) {
      door->retire(Duration(0));
      EXPECT_TRUE(turn_until([&] { return door->pid() == 0; }));
    }
    std::filesystem::remove_all(directory);
  }

  void start() {
    synced = false;
    auto started = DoorClient::start(loop, {PODVISOR_DOOR_PATH, directory, 2, user}, *this,
                                     [this] { synced = true; });
    ASSERT_TRUE(started) << started.error().message;
    door = std::move(*started);
    ASSERT_TRUE(turn_until([&] { return synced; }));
  }
  void serve() {
    Fd socket = std::move(*listen_for_door("127.0.0.1", 0));
    port = *bound_port(socket.get());
    door->serve(listener, std::move(socket));
  }
  void endpoint(const door::Backend& backend, EndpointState state = EndpointState::Ready) {
    door->set_endpoints(listener.id, {{"pod", backend.address(), state, false}});
  }
  [[nodiscard]] bool turn_until(const std::function<bool()>& done) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!done()) {
      if (std::chrono::steady_clock::now() > give_up) return false;
      uv_run(loop.raw(), UV_RUN_NOWAIT);
      pollfd backend{uv_backend_fd(loop.raw()), POLLIN, 0};
      ::poll(&backend, 1, 2);
    }
    return true;
  }
  [[nodiscard]] const DoorCounters& counters() {
    bool there = false;
    door->report([&] { there = true; });
    EXPECT_TRUE(turn_until([&] { return there; }));
    return door->counters().at(listener.id);
  }

  void on_drained(const std::string&, const std::string& id, std::uint64_t) override {
    drained.insert(id);
  }
  void on_checked(std::uint64_t id, int status, const std::string& error) override {
    checked[id] = {status, error};
  }
  void on_sockets_wanted(const std::string& id, const std::string& pod, unsigned count) override {
    std::vector<Fd> sockets;
    for (unsigned i = 0; i < count; ++i)
      sockets.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    door->give_sockets(id, pod, std::move(sockets));
  }
  void on_load(const EndpointLoad& load) override { loads[load.endpoint] = load; }

  uid_t user = 0;
  Loop loop;
  std::string directory;
  DoorListener listener;
  std::unique_ptr<DoorClient> door;
  bool synced = false;
  std::uint16_t port = 0;
  std::set<std::string> drained;
  std::map<std::uint64_t, std::pair<int, std::string>> checked;
  std::map<std::string, EndpointLoad> loads;
};

}  // namespace podvisor
