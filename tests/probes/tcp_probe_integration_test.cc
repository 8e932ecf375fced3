#include <gmock/gmock.h>
#include <netinet/in.h>

#include <array>

#include "probes/probe_fixture.h"
#include "probes/scripted_server.h"

namespace podvisor {
namespace {

class TcpProbe : public ProbeFixture {
 protected:
  static TcpSocketAction tcp(std::uint16_t port, std::string host = {}) {
    return {port, std::move(host)};
  }
};

const Script kSilent{{}, Script::End::Hold};

/// A port of loopback that nobody listens on, kept from others by a bound socket.
class ClosedPort {
 public:
  ClosedPort() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), size);
    getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  Fd socket_;
  std::uint16_t port_ = 0;
};

/// Listens, but its queue is full: a further handshake is never answered.
class FullListener {
 public:
  FullListener() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address_);
    bind(listener_.get(), name(), size);
    getsockname(listener_.get(), name(), &size);
    listen(listener_.get(), 0);
    for (Fd& client : clients_) {
      client.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
      connect(client.get(), name(), sizeof(address_));
    }
  }
  [[nodiscard]] std::uint16_t port() const { return ntohs(address_.sin_port); }

 private:
  sockaddr* name() { return reinterpret_cast<sockaddr*>(&address_); }
  sockaddr_in address_{};
  Fd listener_;
  std::array<Fd, 4> clients_;
};

TEST_F(TcpProbe, TCP1_SucceedsOnAHandshakeAndSendsNothing) {
  const ScriptedServer server({kSilent});
  const auto answer = probe(make_pod(tcp(server.port())));
  EXPECT_EQ(answer.verdict, Verdict::Success);
  EXPECT_EQ(answer.output, "");
  EXPECT_EQ(answer.attempt_id, 1U);
  EXPECT_EQ(answer.ref, (ContainerRef{0, 3}));
}

TEST_F(TcpProbe, TCP2_RefusedConnectionIsAFailureWithTheDialsText) {
  const ClosedPort closed;
  const auto answer = probe(make_pod(tcp(closed.port())));
  EXPECT_EQ(answer.verdict, Verdict::Failure);
  EXPECT_EQ(answer.output, "dial tcp 127.0.0.1:" + std::to_string(closed.port()) +
                               ": connect: connection refused");
}

TEST_F(TcpProbe, TCP1_UnansweredHandshakeFailsAtTheTimeout) {
  const FullListener full;
  const auto answer = probe(make_pod(tcp(full.port()), ProbeKind::Readiness, Seconds(1)));
  EXPECT_EQ(answer.verdict, Verdict::Failure);
  EXPECT_EQ(answer.output, "dial tcp 127.0.0.1:" + std::to_string(full.port()) + ": i/o timeout");
}

TEST_F(TcpProbe, CancelledAttemptNeverAnswers) {
  const FullListener full;
  const Pod pod = make_pod(tcp(full.port()), ProbeKind::Readiness, Seconds(1));
  start(pod, ProbeKind::Readiness, 5);
  runner_.cancel_attempt(pod.metadata.uid, 5);
  loop_.run();  // returns: nothing is under way any more
  EXPECT_TRUE(events_.posted.empty());
}

TEST_F(TcpProbe, TCP3_UnknownNamedPortIsAnError) {
  TcpSocketAction action;
  action.port = "nope";
  EXPECT_EQ(probe(make_pod(action)).verdict, Verdict::Error);
}

TEST_F(TcpProbe, OPN3_HostReplacesThePodsAddress) {
  const ScriptedServer server({kSilent});
  sockets_.pod_address = "192.0.2.1";
  EXPECT_EQ(probe(make_pod(tcp(server.port(), "127.0.0.1"))).verdict, Verdict::Success);
}

TEST_F(TcpProbe, OPN3_HostMayBeAName) {
  const ScriptedServer server({kSilent});
  EXPECT_EQ(probe(make_pod(tcp(server.port(), "localhost"))).verdict, Verdict::Success);
}

TEST_F(TcpProbe, TCP2_UnknownNameIsAFailure) {
  const auto answer = probe(make_pod(tcp(80, "no such host")));
  EXPECT_EQ(answer.verdict, Verdict::Failure);
  EXPECT_THAT(answer.output, testing::StartsWith("dial tcp: lookup no such host: "));
}

TEST_F(TcpProbe, CancelledLookupNeverAnswers) {
  const Pod pod = make_pod(tcp(80, "no such host"));
  start(pod, ProbeKind::Readiness, 5);
  runner_.cancel_attempt(pod.metadata.uid, 5);
  loop_.run();
  EXPECT_TRUE(events_.posted.empty());
}

TEST_F(TcpProbe, PRB27_Ipv6AddressIsBracketedInTheText) {
  const auto answer = probe(make_pod(tcp(1, "::1")));
  EXPECT_EQ(answer.verdict, Verdict::Failure);
  EXPECT_THAT(answer.output, testing::StartsWith("dial tcp [::1]:1: connect: "));
}

TEST_F(TcpProbe, NoSocketInThePodsNamespaceIsAnError) {
  sockets_.failure = Error{"pod web has no network namespace", 0};
  const auto answer = probe(make_pod(tcp(80)));
  EXPECT_EQ(answer.verdict, Verdict::Error);
  EXPECT_EQ(answer.output, "pod web has no network namespace");
}

TEST_F(TcpProbe, PRB26_HostReplacesThePodsAddress) {
  ScriptedServer server({kSilent});  // on 127.0.0.1 alone
  sockets_.pod_address = "127.0.0.2";
  EXPECT_EQ(probe(make_pod(tcp(server.port()))).verdict, Verdict::Failure);
  EXPECT_EQ(probe(make_pod(tcp(server.port(), "127.0.0.1"))).verdict, Verdict::Success);
}

}  // namespace
}  // namespace podvisor
