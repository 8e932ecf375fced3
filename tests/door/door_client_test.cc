// podvisor's side and the door's, each a process.
#include <sys/stat.h>

#include <csignal>
#include <future>

#include "door/door_client_fixture.h"

namespace podvisor {
namespace {

using door::Answer;
using door::Backend;
using door::Connection;
using door::kGet;
using door::TestClient;
using std::chrono::seconds;

TEST_F(DoorClientTest, ServesDrainsChecksAndCounts) {
  Backend backend(door::named("a"));
  start();
  serve();
  endpoint(backend);
  TestClient client(port);
  EXPECT_EQ(client.get().body, "a");
  EXPECT_EQ(counters().requests.at(200), 1U);
  door->check(listener.id, 5, {"pod", "/", "localhost", seconds(5)});
  EXPECT_TRUE(turn_until([&] { return checked.contains(5); }));
  EXPECT_EQ(checked[5].first, 200);
  door->drain(listener.id, "pod", {});
  EXPECT_TRUE(turn_until([&] { return drained.contains("pod"); }));
}

TEST_F(DoorClientTest, ItsSocketIsForItsOwnerOnly) {
  start();
  struct stat status {};
  ASSERT_EQ(::stat((directory + "/door.sock").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
}

TEST_F(DoorClientTest, DIF3_TheDoorGoesOnWithoutPodvisorAndIsTakenOver) {
  std::promise<void> asked;
  std::promise<void> let;
  Backend backend([&](Connection& connection) {
    (void)connection.read_request();
    asked.set_value();
    let.get_future().wait();
    connection.send(door::ok("a"));
    while (!connection.read_request().empty()) connection.send(door::ok("later"));
  });
  start();
  serve();
  endpoint(backend);
  const pid_t pid = door->pid();
  TestClient client(port);
  ASSERT_TRUE(client.send(kGet));
  asked.get_future().wait();
  door.reset();
  let.set_value();
  EXPECT_EQ(client.read_answer().body, "a");
  EXPECT_EQ(client.get().body, "later");
  start();
  EXPECT_EQ(door->pid(), pid);
  ASSERT_TRUE(door->listeners().contains(listener.id));
  const DoorClient::Known& known = door->listeners().at(listener.id);
  EXPECT_EQ(known.settings.mode, DoorMode::Http);
  EXPECT_EQ(known.endpoints.at(0).address, backend.address());
  EXPECT_EQ(*bound_port(known.socket.get()), port);
  EXPECT_EQ(counters().requests.at(200), 2U);
  EXPECT_EQ(client.get().body, "later");
}

TEST_F(DoorClientTest, DIF3_ADoorThatDiesComesBackWithItsSocketsAndNobodyIsRefused) {
  Backend backend(door::named("a"));
  start();
  serve();
  endpoint(backend);
  EXPECT_EQ(TestClient(port).get().body, "a");
  const pid_t first = door->pid();
  door->drain(listener.id, "pod-that-is-leaving", {});
  ASSERT_EQ(::kill(first, SIGKILL), 0);
  TestClient waiting(port);  // in the queue of the listening socket
  ASSERT_TRUE(waiting.send(kGet));
  ASSERT_TRUE(turn_until([&] { return door->pid() != first && door->pid() != 0; }));
  EXPECT_EQ(waiting.read_answer().body, "a");
  EXPECT_EQ(door->restarts(), 1);
  EXPECT_TRUE(turn_until([&] { return drained.contains("pod-that-is-leaving"); }));
}

TEST_F(DoorClientTest, ADoorThatDiesUnderATakerOverComesBackToo) {
  Backend backend(door::named("a"));
  start();
  serve();
  endpoint(backend);
  EXPECT_EQ(TestClient(port).get().body, "a");
  door.reset();
  start();
  const pid_t first = door->pid();
  ASSERT_EQ(::kill(first, SIGKILL), 0);
  ASSERT_TRUE(turn_until([&] { return door->pid() != first && door->pid() != 0; }));
  EXPECT_EQ(TestClient(port).get().body, "a");
}

TEST_F(DoorClientTest, SocketsAreHandedOverOnRequest) {
  Backend backend(door::named("inside"));
  start();
  serve();
  door->set_endpoints(listener.id, {{"pod", backend.address(), EndpointState::Ready, true}});
  TestClient client(port);
  ASSERT_TRUE(client.send(kGet));
  ASSERT_TRUE(turn_until([&] { return backend.connections() > 0; }));
  EXPECT_EQ(client.read_answer().body, "inside");
}

TEST_F(DoorClientTest, SaysHowMuchIsUnderWay) {
  std::promise<void> asked;
  std::promise<void> let;
  Backend backend([&](Connection& connection) {
    (void)connection.read_request();
    asked.set_value();
    let.get_future().wait();
    connection.send(door::ok("a"));
  });
  start();
  serve();
  endpoint(backend);
  TestClient client(port);
  ASSERT_TRUE(client.send(kGet));
  asked.get_future().wait();
  EXPECT_EQ(counters().in_flight, 1U);
  EXPECT_EQ(loads["pod"].in_flight, 1U);
  let.set_value();
  EXPECT_EQ(client.read_answer().body, "a");
  EXPECT_TRUE(turn_until([&] { return counters().in_flight == 0; }));
  EXPECT_EQ(loads["pod"].in_flight, 0U);
}

TEST_F(DoorClientTest, SIGTERMIsAnOrderlyEnd) {
  Backend backend(door::named("a"));
  start();
  serve();
  endpoint(backend);
  TestClient client(port);
  EXPECT_EQ(client.get().body, "a");
  const pid_t first = door->pid();
  ASSERT_EQ(::kill(first, SIGTERM), 0);
  Answer answer;
  ASSERT_TRUE(turn_until([&] {
    answer = client.get();
    return answer.status != 200 || answer.head.find("Connection: close") != std::string::npos;
  }));
  EXPECT_EQ(answer.body, "a");
  EXPECT_TRUE(turn_until([&] { return door->pid() != first && door->pid() != 0; }));
}

TEST(DoorListening, SaysThatAPortIsTaken) {
  const auto first = listen_for_door("127.0.0.1", 0);
  ASSERT_TRUE(first);
  const std::uint16_t port = *bound_port(first->get());
  const auto second = listen_for_door("127.0.0.1", port);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().error_number, EADDRINUSE);
  EXPECT_NE(second.error().message.find(std::to_string(port)), std::string::npos);
  const auto every = listen_for_door("", 0);
  ASSERT_TRUE(every);
  EXPECT_TRUE(listens_at(*first, "127.0.0.1", port));
  EXPECT_FALSE(listens_at(*first, "127.0.0.2", port));
  EXPECT_FALSE(listens_at(*first, "", port));
  EXPECT_FALSE(listens_at(*every, "127.0.0.1", port));
  EXPECT_TRUE(listens_at(*every, "", *bound_port(every->get())));
  EXPECT_FALSE(listens_at(Fd(::socket(AF_UNIX, SOCK_STREAM, 0)), "", 80));
  EXPECT_FALSE(listen_for_door("nonsense", 0));
}

}  // namespace
}  // namespace podvisor
