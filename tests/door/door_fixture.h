// A whole door in this process: its workers on their threads, its main loop turned by the test.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "door/backend.h"
#include "door/client.h"
#include "door/door_process.h"
#include "door/switchboard.h"
#include "http/listen.h"

namespace podvisor::door {

class DoorFixture : public testing::Test, public DoorEvents {
 protected:
  static constexpr std::size_t kWorkers = 2;

  DoorFixture() {
    listener_.id = "test";
    listener_.mode = DoorMode::Http;
  }

  /// Listens on loopback and serves it with the settings in listener_.
  void serve() {
    Fd socket = std::move(*listen_for_door("127.0.0.1", 0));
    port_ = *bound_port(socket.get());
    ASSERT_TRUE(board_->serve(listener_, std::move(socket)));
  }

  void endpoints(const std::vector<DoorEndpoint>& all) {
    const Status set = board_->set_endpoints("test", all);
    ASSERT_TRUE(set) << set.error().message;
  }

  [[nodiscard]] static DoorEndpoint at(const std::string& id, const Backend& backend,
                                       EndpointState state = EndpointState::Ready) {
    return {id, backend.address(), state, false};
  }

  /// Turns the main loop until it has come true. False: not in ten seconds.
  [[nodiscard]] bool turn_until(const std::function<bool()>& done) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!done()) {
      if (std::chrono::steady_clock::now() > give_up) return false;
      main_.turn(std::chrono::milliseconds(2));
    }
    return true;
  }

  [[nodiscard]] DoorCounters counters() const { return board_->counters().at("test"); }
  [[nodiscard]] std::uint64_t failures() const {
    std::uint64_t sum = 0;
    for (const auto& [cause, count] : counters().failed) sum += count;
    return sum;
  }
  [[nodiscard]] std::uint64_t failed(DoorFailure why) const {
    return counters().failed.at(to_string(why));
  }
  [[nodiscard]] bool held(std::uint64_t count) {
    return turn_until([&] { return counters().held == count; });
  }
  [[nodiscard]] bool drained(const std::string& endpoint) {
    return turn_until([&] { return drained_.contains(endpoint); });
  }

  void on_drained(const std::string&, const std::string& endpoint, std::uint64_t cut) override {
    drained_[endpoint] = cut;
  }
  void on_checked(std::uint64_t id, int status, const std::string& error) override {
    checked_[id] = {status, error};
  }
  void on_sockets_wanted(const std::string&, const std::string& endpoint, unsigned) override {
    wanted_.push_back(endpoint);
  }
  void on_load(const EndpointLoad&) override {}

  DoorListener listener_;
  std::uint16_t port_ = 0;
  std::map<std::string, std::uint64_t> drained_;
  std::map<std::uint64_t, std::pair<int, std::string>> checked_;
  std::vector<std::string> wanted_;
  Reactor main_;
  std::unique_ptr<Switchboard> board_ = std::make_unique<Switchboard>(main_, *this, kWorkers);
};

}  // namespace podvisor::door
