#include <gmock/gmock.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>

#include <memory>

#include "probes/grpc_probe.h"
#include "probes/probe_fixture.h"
#include "probes/scripted_server.h"

namespace podvisor {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

/// gRPC's own server and health service.
class HealthServer {
 public:
  explicit HealthServer(bool health = true) {
    grpc::EnableDefaultHealthCheckService(health);
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterCallbackGenericService(&anything_else_);
    server_ = builder.BuildAndStart();
  }
  ~HealthServer() { server_->Shutdown(); }

  [[nodiscard]] std::uint16_t port() const { return static_cast<std::uint16_t>(port_); }
  void set(const std::string& service, bool serving) {
    server_->GetHealthCheckService()->SetServingStatus(service, serving);
  }

 private:
  int port_ = 0;
  grpc::CallbackGenericService anything_else_;  ///< unimplemented; a server must have some service
  std::unique_ptr<grpc::Server> server_;
};

/// A SETTINGS frame without settings: all that makes a connection.
const std::string kSettings("\0\0\0\4\0\0\0\0\0", 9);

class GrpcProbeTest : public ProbeFixture {
 protected:
  pod_event::AttemptCompleted check(std::uint16_t port, const std::string& service = {},
                                    Seconds timeout = Seconds(60)) {
    return probe(make_pod(GrpcAction{port, service}, ProbeKind::Readiness, timeout));
  }
  /// What comes of a server that says this, whatever it is asked.
  pod_event::AttemptCompleted against(const std::string& bytes, Script::End end,
                                      Seconds timeout = Seconds(60)) {
    ScriptedServer server({{bytes, end, false, false}});
    return check(server.port(), {}, timeout);
  }
};

TEST_F(GrpcProbeTest, GRP1_AServingServerIsHealthy) {
  HealthServer server;
  const auto answer = check(server.port());
  EXPECT_EQ(answer.verdict, Verdict::Success) << answer.output;
}

TEST_F(GrpcProbeTest, GRP1_TheServiceIsTheOneThatIsMeant) {
  HealthServer server;
  server.set("db", false);
  server.set("web", true);
  EXPECT_EQ(check(server.port(), "web").verdict, Verdict::Success);
  const auto answer = check(server.port(), "db");
  EXPECT_EQ(answer.verdict, Verdict::Failure);
  EXPECT_EQ(answer.output, "service unhealthy (responded with \"NOT_SERVING\")");
}

TEST_F(GrpcProbeTest, GRP2_AnUnknownServiceIsNotFound) {
  HealthServer server;
  const auto answer = check(server.port(), "nobody");
  EXPECT_EQ(answer.verdict, Verdict::Failure);
  EXPECT_THAT(answer.output,
              StartsWith("error: health rpc probe failed: rpc error: code = NotFound desc = "));
}

TEST_F(GrpcProbeTest, GRP2_AServerWithoutTheServiceIsUnimplemented) {
  HealthServer server(false);
  const auto answer = check(server.port());
  EXPECT_EQ(answer.verdict, Verdict::Failure);
  EXPECT_THAT(answer.output, StartsWith("error: this server does not implement the grpc health "
                                        "protocol (grpc.health.v1.Health): "));
}

TEST_F(GrpcProbeTest, GRP2_ACallThatIsNotAnsweredTimesOut) {
  ScriptedServer server({{kSettings, Script::End::Hold, false, false}});
  start(make_pod(GrpcAction{server.port(), ""}, ProbeKind::Readiness, Seconds(1)));
  const auto answer = next_answer();
  EXPECT_EQ(answer.output, "timeout: health rpc did not complete within 1s");
  EXPECT_EQ(answer.verdict, Verdict::Failure);
}

TEST_F(GrpcProbeTest, GRP2_RefusedConnectionsAreTriedAgainUntilTheDeadline) {
  Fd free(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));  // bound and not listening: refuses
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  ASSERT_EQ(bind(free.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  getsockname(free.get(), reinterpret_cast<sockaddr*>(&address), &size);
  const std::uint16_t port = ntohs(address.sin_port);
  const auto answer = check(port, {}, Seconds(1));
  EXPECT_EQ(answer.verdict, Verdict::Failure);
  EXPECT_THAT(answer.output, StartsWith("timeout: failed to connect service \"127.0.0.1:" +
                                        std::to_string(port) + "\" within 1s: context deadline"));
  EXPECT_THAT(answer.output, HasSubstr("connection refused"));
  EXPECT_GT(sockets_.opened, 2);
}

TEST_F(GrpcProbeTest, GRP2_AServerThatComesUpInTimeIsFound) {
  ScriptedServer server({{"", Script::End::Close, false, false},
                         {"HTTP/1.1 400 Bad Request\r\n\r\n", Script::End::Close, false, false},
                         {kSettings, Script::End::Hold, false, false}});
  EXPECT_EQ(check(server.port(), {}, Seconds(2)).output,
            "timeout: health rpc did not complete within 2s");
  EXPECT_EQ(server.requests().size(), 3U);
}

TEST_F(GrpcProbeTest, GRP2_AConnectionThatEndsWithinTheCallIsUnavailable) {
  ScriptedServer server({{kSettings, Script::End::Close}});
  EXPECT_THAT(check(server.port()).output,
              StartsWith("error: health rpc probe failed: rpc error: code = Unavailable desc = "));
}

TEST_F(GrpcProbeTest, GRP2_SilenceIsNoConnection) {
  EXPECT_THAT(against("", Script::End::Hold, Seconds(1)).output,
              HasSubstr("failed to connect service"));
  EXPECT_THAT(against("SSH-2.0-OpenSSH_9.2\r\n", Script::End::Close, Seconds(1)).output,
              HasSubstr("failed to connect service"));
  EXPECT_THAT(against(std::string(100000, '\xff'), Script::End::Reset, Seconds(1)).output,
              HasSubstr("failed to connect service"));
}

TEST_F(GrpcProbeTest, CancelledAttemptsLeaveNothingBehind) {
  ScriptedServer server({{kSettings, Script::End::Hold, false, false}});
  HealthServer healthy;
  const Pod pod = make_pod(GrpcAction{server.port(), ""});
  start(pod, ProbeKind::Readiness, 7);
  runner_.cancel_attempt(pod.metadata.uid, 7);
  EXPECT_EQ(check(healthy.port()).verdict, Verdict::Success);
}

}  // namespace
}  // namespace podvisor
