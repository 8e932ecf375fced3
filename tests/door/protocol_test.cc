#include "door/protocol.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "door/packet.h"

namespace podvisor::door {
namespace {

using std::chrono::seconds;

template <typename T>
T round_trip(const T& message) {
  const auto decoded = decode(encode(message));
  EXPECT_TRUE(decoded) << (decoded ? "" : decoded.error().message);
  return decoded ? std::get<T>(*decoded) : T{};
}

TEST(DoorProtocol, CarriesAListener) {
  message::Serve serve;
  serve.listener.id = "default/web:80";
  serve.listener.name = "web";
  serve.listener.mode = DoorMode::Http;
  serve.listener.hold = {seconds(7), 12};
  serve.listener.forwarded_headers = true;
  serve.listener.head_timeout = seconds(3);
  const DoorListener seen = round_trip(serve).listener;
  EXPECT_EQ(seen.id, "default/web:80");
  EXPECT_EQ(seen.mode, DoorMode::Http);
  EXPECT_EQ(seen.hold.timeout, seconds(7));
  EXPECT_EQ(seen.hold.held, 12U);
  EXPECT_TRUE(seen.forwarded_headers);
  EXPECT_EQ(seen.head_timeout, seconds(3));
}

TEST(DoorProtocol, CarriesEndpointsCountersAndWhatMayBeMissing) {
  const DoorEndpoint endpoint{"uid", "10.0.0.1:80", EndpointState::Draining, true};
  EXPECT_EQ(round_trip(message::Endpoints{"a", {endpoint}}).endpoints.at(0), endpoint);
  EXPECT_FALSE(round_trip(message::BackOff{"a", {}}).remaining);
  EXPECT_EQ(round_trip(message::BackOff{"a", seconds(4)}).remaining, seconds(4));
  DoorCounters counters;
  counters.requests = {{200, 5}, {503, 1}};
  counters.failed = {{"connect", 2}};
  counters.held_seconds[3] = 9;
  counters.held_seconds_sum = 0.25;
  EXPECT_EQ(round_trip(message::Counters{"a", counters}).counters, counters);
}

TEST(DoorProtocol, RefusesWhatItDoesNotUnderstand) {
  for (const char* bad : {"", "{", "[]", "{}", R"({"type":"Nonsense"})", R"({"type":7})",
                          R"({"type":"Endpoints","listener":"a","endpoints":[{"state":9}]})",
                          R"({"type":"Endpoints","listener":"a","endpoints":[{"id":[]}]})",
                          R"({"type":"Serve","listener":7})"})
    EXPECT_FALSE(decode(bad)) << bad;
}

TEST(DoorProtocol, SkipsFieldsOfANewerPeer) {
  const auto decoded = decode(R"({"type":"Hello","version":3,"news":[1,2]})");
  ASSERT_TRUE(decoded);
  EXPECT_EQ(std::get<message::Hello>(*decoded).version, 3);
}

TEST(DoorProtocol, PacketsCarryDescriptors) {
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
  const Fd near(ends[0]);
  const Fd far(ends[1]);
  Packet sent{"hello", {}};
  sent.descriptors.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_EQ(send_packet(near.get(), sent), Sent::Yes);
  Packet seen;
  EXPECT_EQ(receive_packet(far.get(), seen), Received::Yes);
  EXPECT_EQ(seen.text, "hello");
  ASSERT_EQ(seen.descriptors.size(), 1U);
  int type = 0;
  socklen_t size = sizeof type;
  EXPECT_EQ(getsockopt(seen.descriptors[0].get(), SOL_SOCKET, SO_TYPE, &type, &size), 0);
  EXPECT_EQ(receive_packet(far.get(), seen), Received::Nothing);
}

}  // namespace
}  // namespace podvisor::door
