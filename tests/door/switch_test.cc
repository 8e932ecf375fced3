// The promise: pods come and go under load, and no client sees anything of it.
#include <atomic>
#include <thread>

#include "door/door_fixture.h"

namespace podvisor::door {
namespace {

struct Load {
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> answered{0};
  std::atomic<std::uint64_t> failed{0};
  std::vector<std::thread> threads;

  void start(std::uint16_t port, int clients, const std::string& request) {
    for (int i = 0; i < clients; ++i)
      threads.emplace_back([this, port, request] { run(port, request); });
  }
  void run(std::uint16_t port, const std::string& request) {
    TestClient client(port);
    while (!stop) {
      const bool good = client.send(request) && client.read_answer().status == 200;
      ++(good ? answered : failed);
      if (!good) return;
    }
  }
  void finish() {
    stop = true;
    for (std::thread& thread : threads) thread.join();
  }
};

/// As a server that is asked to end does: says "close" with every answer from then on.
Backend::Serve polite(const std::atomic<bool>& ending) {
  return [&ending](Connection& connection) {
    while (!connection.read_request().empty()) {
      const bool last = ending;
      if (!connection.send(ok("x", last ? "Connection: close\r\n" : "")) || last) return;
    }
  };
}

struct Switch : DoorFixture {
  void ten_rollouts(const std::string& request) {
    serve();
    std::atomic<bool> running{false};
    auto old = std::make_unique<Backend>(polite(running));
    endpoints({at("pod-0", *old)});
    Load load;
    load.start(port_, 16, request);
    for (int revision = 1; revision <= 10; ++revision) {
      const std::uint64_t before = load.answered;
      ASSERT_TRUE(turn_until([&] { return load.answered > before + 50; }));
      auto next = std::make_unique<Backend>(polite(running));
      const std::string id = "pod-" + std::to_string(revision);
      const std::string leaving = "pod-" + std::to_string(revision - 1);
      endpoints({at(leaving, *old), at(id, *next, EndpointState::NotReady)});
      endpoints({at(leaving, *old, EndpointState::NotReady), at(id, *next)});
      board_->drain("test", leaving, {});
      ASSERT_TRUE(drained(leaving));
      endpoints({at(id, *next)});
      old = std::move(next);  // ends only now: its connections with it
    }
    load.finish();
    EXPECT_EQ(load.failed, 0U);
    EXPECT_EQ(failures(), 0U);
    EXPECT_GT(load.answered, 500U);
    RecordProperty("answered", std::to_string(load.answered));
  }
};

TEST_F(Switch, DIF3_TenRolloutsUnderLoadFailNoGet) {
  ten_rollouts("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
}

TEST_F(Switch, DIF3_TenRolloutsUnderLoadFailNoPost) {
  ten_rollouts("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello");
}

TEST_F(Switch, DIF3_TheOnlyPodComesAndGoesAndRequestsWait) {
  serve();
  std::atomic<bool> running{false};
  Load load;
  load.start(port_, 8, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  for (int i = 0; i < 5; ++i) {
    Backend pod(polite(running));
    const std::string id = "pod-" + std::to_string(i);
    endpoints({at(id, pod)});
    const std::uint64_t before = load.answered;
    ASSERT_TRUE(turn_until([&] { return load.answered > before + 50; }));
    endpoints({at(id, pod, EndpointState::NotReady)});
    board_->drain("test", id, {});
    ASSERT_TRUE(drained(id));
    endpoints({});
  }
  Backend last(polite(running));
  endpoints({at("last", last)});
  ASSERT_TRUE(held(0));
  load.finish();
  EXPECT_EQ(load.failed, 0U);
  EXPECT_EQ(failures(), 0U);
}

TEST_F(Switch, DIF3_APodThatDiesIsRetriedElsewhere) {
  serve();
  std::atomic<bool> running{false};
  Backend stays(polite(running));
  auto dies = std::make_unique<Backend>(polite(running));
  endpoints({at("stays", stays), at("dies", *dies)});
  Load load;
  load.start(port_, 8, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(turn_until([&] { return load.answered > 200; }));
  const DoorEndpoint dead = at("dies", *dies);
  dies->stop();
  const std::uint64_t before = load.answered;
  ASSERT_TRUE(turn_until([&] { return load.answered > before + 200; }));
  endpoints({at("stays", stays)});
  load.finish();
  EXPECT_EQ(load.failed, 0U);
  EXPECT_EQ(failures(), 0U);
}

}  // namespace
}  // namespace podvisor::door
