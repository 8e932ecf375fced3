#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "fakes/fake_executor.h"
#include "fakes/fake_pod_sockets.h"
#include "fakes/recording_event_sink.h"
#include "probes/hook_runner.h"
#include "probes/scripted_server.h"

namespace podvisor {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class HookRunnerTest : public testing::Test {
 protected:
  HookRunnerTest() {
    std::signal(SIGPIPE, SIG_IGN);
    events_.on_post = [this] { loop_.stop(); };
    patience_.start(Seconds(60));
  }

  static Pod pod_with(HookAction action, HookKind hook = HookKind::PreStop) {
    Pod pod;
    pod.metadata.name = "web";
    pod.metadata.uid = "0c7a6f0e-6b6a-4c55-9a0e-3b6e5a1f9d11";
    Container& container = pod.spec.containers.emplace_back();
    container.name = "nginx";
    container.env.push_back({"A", "x", {}});
    Lifecycle& lifecycle = container.lifecycle;
    (hook == HookKind::PreStop ? lifecycle.pre_stop : lifecycle.post_start) = std::move(action);
    return pod;
  }

  static HttpGetAction http_get(std::uint16_t port, const std::string& scheme = "HTTP") {
    HttpGetAction action;
    action.path = "/stop";
    action.port = port;
    action.scheme = scheme;
    return action;
  }

  void start(const Pod& pod, HookKind hook = HookKind::PreStop) {
    hooks_.run_hook(pod, {{0, 3}, hook});
  }

  pod_event::HookCompleted completed() {
    while (events_.posted.empty() && patience_.active()) loop_.run();
    const auto ends = events_.of<pod_event::HookCompleted>();
    EXPECT_EQ(ends.size(), 1U);
    return ends.empty() ? pod_event::HookCompleted{} : ends.front();
  }

  pod_event::HookCompleted run(HookAction action) {
    start(pod_with(std::move(action)));
    return completed();
  }

  Loop loop_;
  Timer patience_{loop_, [this] { loop_.stop(); }};  ///< also what keeps the loop running
  FakePodSockets sockets_;
  FakeExecutor executor_;
  RecordingEventSink events_;
  LifecycleHooks hooks_{loop_, sockets_, executor_, events_};
};

TEST_F(HookRunnerTest, HOK1_ExecHasNoTimeoutOfItsOwn) {
  start(pod_with(ExecAction{{"drain"}}, HookKind::PostStart), HookKind::PostStart);
  ASSERT_EQ(executor_.runs.size(), 1U);
  EXPECT_EQ(executor_.runs.at(1).timeout, kNoTimeout);
  EXPECT_EQ(executor_.runs.at(1).ref, (ContainerRef{0, 3}));
}

TEST_F(HookRunnerTest, ENV12_HookCommandsAreNotExpanded) {
  start(pod_with(ExecAction{{"sh", "-c", "$(A) $$(A)"}}));
  EXPECT_THAT(executor_.runs.at(1).argv, ElementsAre("sh", "-c", "$(A) $$(A)"));
}

TEST_F(HookRunnerTest, HOK5_ExecSucceedsWithExitZeroAlone) {
  const Pod pod = pod_with(ExecAction{{"drain"}});
  for (const int code : {0, 1, 127, 137}) {
    events_.posted.clear();
    start(pod);
    ExecOutcome outcome;
    outcome.exit_code = code;
    outcome.output = "no such queue";
    executor_.finish(executor_.last_id, outcome);
    const auto end = completed();
    EXPECT_EQ(end.succeeded, code == 0) << code;
    EXPECT_EQ(end.ref, (ContainerRef{0, 3}));
    EXPECT_EQ(end.hook, HookKind::PreStop);
    EXPECT_EQ(end.message.empty(), code == 0);
  }
}

TEST_F(HookRunnerTest, HOK5_ExecThatCannotBeRunFails) {
  start(pod_with(ExecAction{{"drain"}}));
  ExecOutcome outcome;
  outcome.error = Error{"the pod has no sandbox", 0};
  executor_.finish(1, outcome);
  EXPECT_FALSE(completed().succeeded);
}

TEST_F(HookRunnerTest, HOK5_AnyStatusIsASuccess) {
  for (const char* status : {"200 OK", "404 Not Found", "500 Oh", "302 Found", "101 Switching"}) {
    events_.posted.clear();
    ScriptedServer server({{"HTTP/1.1 " + std::string(status) + "\r\nContent-Length: 0\r\n\r\n"}});
    EXPECT_TRUE(run(http_get(server.port())).succeeded) << status;
  }
}

TEST_F(HookRunnerTest, HOK5_ABodyThatBreaksOffIsStillAResponse) {
  ScriptedServer server({{"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf"}});
  EXPECT_TRUE(run(http_get(server.port())).succeeded);
}

TEST_F(HookRunnerTest, HOK5_AsksAsKubeLifecycle) {
  ScriptedServer server({{"HTTP/1.1 204 No Content\r\n\r\n"}});
  static_cast<void>(run(http_get(server.port())));
  ASSERT_EQ(server.requests().size(), 1U);
  EXPECT_THAT(server.requests()[0], HasSubstr("GET /stop HTTP/1.1\r\n"));
  EXPECT_THAT(server.requests()[0], HasSubstr("User-Agent: kube-lifecycle/1.36\r\n"));
}

TEST_F(HookRunnerTest, HOK5_NoResponseIsAFailure) {
  ScriptedServer server({{"", Script::End::Close}});
  const auto end = run(http_get(server.port()));
  EXPECT_FALSE(end.succeeded);
  EXPECT_THAT(end.message, HasSubstr("EOF"));
}

TEST_F(HookRunnerTest, HOK5_HttpsAnsweredInPlainHttpIsRetriedOverHttp) {
  ScriptedServer server({{"HTTP/1.1 400 Bad Request\r\n\r\nthis is HTTP", Script::End::Close, false,
                          /*read_request=*/false},
                         {"HTTP/1.1 200 OK\r\n\r\n"}});
  HttpGetAction action = http_get(server.port(), "HTTPS");
  action.http_headers = {{"authorization", "Bearer secret"}, {"X-Kept", "yes"}};
  EXPECT_TRUE(run(action).succeeded);
  ASSERT_EQ(server.requests().size(), 2U);
  EXPECT_THAT(server.requests()[1], HasSubstr("X-Kept: yes"));
  EXPECT_THAT(server.requests()[1], Not(HasSubstr("secret")));
  const auto noted = events_.of<pod_event::Noted>();
  ASSERT_EQ(noted.size(), 1U);
  EXPECT_TRUE(noted[0].warning);
  EXPECT_EQ(noted[0].reason, "LifecycleHTTPFallback");
  EXPECT_EQ(noted[0].message,
            "request to HTTPS lifecycle hook 127.0.0.1:" + std::to_string(server.port()) +
                " got HTTP response, retry with HTTP succeeded");
}

TEST_F(HookRunnerTest, HOK5_HttpsThatFailsOtherwiseIsNotRetried) {
  ScriptedServer server({{"", Script::End::Close, false, /*read_request=*/false}});
  EXPECT_FALSE(run(http_get(server.port(), "HTTPS")).succeeded);
  EXPECT_EQ(server.requests().size(), 1U);
  EXPECT_THAT(events_.of<pod_event::Noted>(), IsEmpty());
}

TEST_F(HookRunnerTest, HOK5_HttpsAsItShouldBe) {
  ScriptedServer server({{"HTTP/1.1 503 Later\r\n\r\n"}}, ScriptedServer::Protocol::Tls);
  EXPECT_TRUE(run(http_get(server.port(), "HTTPS")).succeeded);
  EXPECT_THAT(events_.of<pod_event::Noted>(), IsEmpty());
}

TEST_F(HookRunnerTest, VAL20_TcpSocketAlwaysFails) {
  const auto end = run(TcpSocketAction{std::uint16_t{80}, {}});
  EXPECT_FALSE(end.succeeded);
  EXPECT_THAT(end.message, HasSubstr("tcpSocket"));
}

TEST_F(HookRunnerTest, HTTP4_APortThatNobodyKnowsFails) {
  HttpGetAction action = http_get(0);
  action.port = std::string("admin");
  EXPECT_THAT(run(action).message, HasSubstr("\"admin\" is not a named port"));
}

TEST_F(HookRunnerTest, CancelledHooksAreNotAnswered) {
  ScriptedServer held({{"", Script::End::Hold}});
  ScriptedServer answering({{"HTTP/1.1 200 OK\r\n\r\n"}});
  const Pod pod = pod_with(http_get(held.port()));
  start(pod_with(ExecAction{{"drain"}}, HookKind::PostStart), HookKind::PostStart);
  start(pod);
  hooks_.cancel_hook(pod.metadata.uid, {{0, 3}, HookKind::PostStart});
  hooks_.cancel_hook(pod.metadata.uid, {{0, 3}, HookKind::PreStop});
  hooks_.cancel_hook(pod.metadata.uid, {{0, 3}, HookKind::PreStop});  // no more: does nothing
  EXPECT_THAT(executor_.cancelled, ElementsAre(1U));
  EXPECT_TRUE(run(http_get(answering.port())).succeeded);  // and nothing else was posted
}

}  // namespace
}  // namespace podvisor
