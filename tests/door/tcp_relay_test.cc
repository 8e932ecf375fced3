// Connections relayed whole.
#include "door/door_fixture.h"

namespace podvisor::door {
namespace {

struct TcpRelay : DoorFixture {
  TcpRelay() { listener_.mode = DoorMode::Tcp; }
};

void echo_bytes(Connection& connection) {
  for (std::string bytes; !(bytes = connection.read_some()).empty();)
    if (!connection.send(bytes)) return;
}

TEST_F(TcpRelay, RelaysBothWaysAndHalfCloses) {
  Backend backend([](Connection& connection) {
    std::string all;
    for (std::string bytes; !(bytes = connection.read_some()).empty();) all += bytes;
    connection.send("got " + all);  // after the client's end
  });
  serve();
  endpoints({at("a", backend)});
  TestClient client(port_);
  ASSERT_TRUE(client.send("hello"));
  client.close_for_writing();
  EXPECT_EQ(client.read_to_end(), "got hello");
  EXPECT_TRUE(turn_until([&] { return board_->connections() == 0; }));
}

TEST_F(TcpRelay, ServersMaySpeakFirst) {
  Backend backend([](Connection& connection) { connection.send("220 hello\r\n"); });
  serve();
  endpoints({at("a", backend)});
  TestClient client(port_);
  EXPECT_EQ(client.read_to_end(), "220 hello\r\n");
}

TEST_F(TcpRelay, LargeStreamsPassWhole) {
  Backend backend(echo_bytes);
  serve();
  endpoints({at("a", backend)});
  TestClient client(port_);
  std::string bytes(16UL << 20, 'x');
  for (std::size_t i = 0; i < bytes.size(); i += 4096) bytes[i] = static_cast<char>(i >> 12);
  std::thread sender([&] {
    client.send(bytes);
    client.close_for_writing();
  });
  const std::string seen = client.read_to_end();
  sender.join();
  EXPECT_TRUE(seen == bytes);
}

TEST_F(TcpRelay, AResetIsPassedOn) {
  Backend backend([](Connection& connection) {
    (void)connection.read_some();
    connection.reset();
  });
  serve();
  endpoints({at("a", backend)});
  TestClient client(port_);
  ASSERT_TRUE(client.send("x"));
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_TRUE(client.was_reset());
}

TEST_F(TcpRelay, DIF3_AnEndpointThatRefusesIsPassedOver) {
  Backend good(echo_bytes);
  DoorEndpoint gone{"gone", {}, EndpointState::Ready, false};
  {
    Backend ended(echo_bytes);
    gone.address = ended.address();
  }
  serve();
  endpoints({gone, at("good", good)});
  for (int i = 0; i < 10; ++i) {
    TestClient client(port_);
    ASSERT_TRUE(client.send("ping"));
    EXPECT_EQ(client.read_exactly(4), "ping");
  }
  EXPECT_EQ(failures(), 0U);
}

TEST_F(TcpRelay, AClientsConnectionsStayTogetherWithAffinity) {
  Backend a(named("a"));
  Backend b(named("b"));
  listener_.session_affinity = true;
  serve();
  endpoints({at("a", a), at("b", b)});
  TestClient first(port_);
  const std::string home = first.get().body;
  for (int i = 0; i < 6; ++i) EXPECT_EQ(TestClient(port_).get().body, home);
}

TEST_F(TcpRelay, SocketsThatAreHandedOverAreAskedForAndUsed) {
  Backend backend(echo_bytes);
  serve();
  DoorEndpoint inside = at("inside", backend);
  inside.handed_over_sockets = true;
  endpoints({inside});
  TestClient client(port_);
  ASSERT_TRUE(client.send("ping"));
  ASSERT_TRUE(turn_until([&] { return !wanted_.empty(); }));
  EXPECT_EQ(wanted_.front(), "inside");
  EXPECT_EQ(backend.connections(), 0);
  std::vector<Fd> sockets;
  for (int i = 0; i < 4; ++i)
    sockets.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  board_->give_sockets("test", "inside", std::move(sockets));
  EXPECT_EQ(client.read_exactly(4), "ping");
}

TEST_F(TcpRelay, ManyConnectionsAreSharedAmongTheWorkers) {
  Backend backend(echo_bytes);
  serve();
  endpoints({at("a", backend)});
  std::vector<std::unique_ptr<TestClient>> clients;
  for (int i = 0; i < 100; ++i) {
    clients.push_back(std::make_unique<TestClient>(port_));
    ASSERT_TRUE(clients.back()->send("ping"));
    ASSERT_EQ(clients.back()->read_exactly(4), "ping");
  }
  EXPECT_EQ(board_->connections(), 100U);
  EXPECT_EQ(counters().in_flight, 100U);
}

}  // namespace
}  // namespace podvisor::door
