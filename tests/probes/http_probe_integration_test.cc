#include <gmock/gmock.h>
#include <stdlib.h>

#include "probes/probe_fixture.h"
#include "probes/scripted_server.h"

namespace podvisor {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

Script answer_with(std::string answer, Script::End end = Script::End::Close) {
  return {std::move(answer), end};
}

Script redirect_to(const std::string& location, int status = 302) {
  return answer_with("HTTP/1.1 " + std::to_string(status) + " Moved\r\nLocation: " + location +
                     "\r\nContent-Length: 0\r\n\r\n");
}

std::string port_text(const ScriptedServer& server) { return std::to_string(server.port()); }

class HttpProbe : public ProbeFixture {
 protected:
  /// What a readiness probe of "/" makes of one scripted connection.
  pod_event::AttemptCompleted probe_script(const Script& script, Seconds timeout = Seconds(60)) {
    const ScriptedServer server({script});
    return probe(make_pod(http_get(server.port()), ProbeKind::Readiness, timeout));
  }
};

TEST_F(HttpProbe, HTTP5_RequestIsExactlyTheKubelets) {
  const ScriptedServer server({answer_with(kOk)});
  const auto answer = probe(make_pod(http_get(server.port(), "/healthz?full=1")));
  EXPECT_EQ(answer.verdict, Verdict::Success);
  EXPECT_EQ(answer.output, "");
  EXPECT_THAT(server.requests(), ElementsAre("GET /healthz?full=1 HTTP/1.1\r\n"
                                             "Host: 127.0.0.1:" +
                                             port_text(server) +
                                             "\r\n"
                                             "User-Agent: kube-probe/1.36\r\n"
                                             "Accept: */*\r\n"
                                             "Connection: close\r\n\r\n"));
}

TEST_F(HttpProbe, HTTP6_HeadersReplaceDropAndAdd) {
  const ScriptedServer server({answer_with(kOk)});
  HttpGetAction action = http_get(server.port());
  action.http_headers = {{"HOST", "shop.example"}, {"user-agent", "mine"}, {"accept", ""},
                         {"accept-encoding", ""},  {"x-a", "1"},           {"X-A", "2"}};
  EXPECT_EQ(probe(make_pod(action)).verdict, Verdict::Success);
  EXPECT_THAT(server.requests(), ElementsAre("GET / HTTP/1.1\r\n"
                                             "Host: shop.example\r\n"
                                             "User-Agent: mine\r\n"
                                             "Accept-Encoding:\r\n"
                                             "X-A: 1\r\n"
                                             "X-A: 2\r\n"
                                             "Connection: close\r\n\r\n"));
}

TEST_F(HttpProbe, HTTP6_EmptyUserAgentSendsNoneAndTheNextProbeHasItAgain) {
  const ScriptedServer server({answer_with(kOk)});
  HttpGetAction action = http_get(server.port());
  action.http_headers = {{"User-Agent", ""}, {"Accept", "text/plain"}};
  probe(make_pod(action));
  probe(make_pod(http_get(server.port())));
  EXPECT_THAT(server.requests(),
              ElementsAre(AllOf(Not(HasSubstr("User-Agent")), HasSubstr("Accept: text/plain\r\n")),
                          AllOf(HasSubstr("User-Agent: kube-probe/1.36\r\n"),
                                HasSubstr("Accept: */*\r\n"))));
}

TEST_F(HttpProbe, HeaderValueThatCannotBeSentFails) {
  HttpGetAction action = http_get(80);
  action.http_headers = {{"X-Evil", "a\r\nb"}};
  const auto answer = probe(make_pod(action));
  EXPECT_EQ(answer.verdict, Verdict::Failure);
  EXPECT_THAT(answer.output, EndsWith("invalid header field value for \"X-Evil\""));
  EXPECT_EQ(sockets_.opened, 0);
}

TEST_F(HttpProbe, HTTP2_UserOfAnAbsolutePathIsSentAndNotKeptForOthers) {
  const ScriptedServer server({answer_with(kOk)});
  probe(make_pod(http_get(server.port(), "http://me:pw@example.com/x")));
  probe(make_pod(http_get(server.port(), "/y")));
  EXPECT_THAT(server.requests(),
              ElementsAre(AllOf(StartsWith("GET /x "), HasSubstr("Authorization: Basic bWU6cHc=")),
                          AllOf(StartsWith("GET /y "), Not(HasSubstr("Authorization")))));
}

TEST_F(HttpProbe, PRB28_ProxiesOfTheEnvironmentAreIgnored) {
  setenv("http_proxy", "http://127.0.0.1:1", 1);
  setenv("all_proxy", "http://127.0.0.1:1", 1);
  EXPECT_EQ(probe_script(answer_with(kOk)).verdict, Verdict::Success);
  unsetenv("http_proxy");
  unsetenv("all_proxy");
}

TEST_F(HttpProbe, PRB28_EveryAttemptHasAConnectionOfItsOwn) {
  const ScriptedServer server(
      {answer_with("HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n",
                   Script::End::Hold)});
  for (int i = 1; i <= 3; ++i) {
    EXPECT_EQ(probe(make_pod(http_get(server.port()))).verdict, Verdict::Success);
    EXPECT_EQ(sockets_.opened, i);
  }
}

TEST_F(HttpProbe, DIF1_1_ReadinessFailsOn204AndSaysWhatWouldAcceptIt) {
  const auto answer = probe_script(answer_with("HTTP/1.1 204 No Content\r\n\r\n"));
  EXPECT_EQ(answer.verdict, Verdict::Failure);
  EXPECT_THAT(answer.output, AllOf(StartsWith("HTTP probe failed with statuscode: 204"),
                                   HasSubstr("podvisor.io/http-success: \"200-399\"")));
}

TEST_F(HttpProbe, DIF1_3_LivenessTakesA204) {
  const ScriptedServer server({answer_with("HTTP/1.1 204 No Content\r\n\r\n")});
  const Pod pod = make_pod(http_get(server.port()), ProbeKind::Liveness);
  EXPECT_EQ(probe(pod, ProbeKind::Liveness).verdict, Verdict::Success);
}

TEST_F(HttpProbe, HTTP15_BodyOfABadStatusIsWithheld) {
  const auto answer =
      probe_script(answer_with("HTTP/1.1 503 Busy\r\nContent-Length: 6\r\n\r\nsecret"));
  EXPECT_EQ(answer.verdict, Verdict::Failure);
  EXPECT_EQ(answer.output, "HTTP probe failed with statuscode: 503");
}

TEST_F(HttpProbe, AnswerMayComeByteByByte) {
  Script script = answer_with(kOk);
  script.byte_by_byte = true;
  EXPECT_EQ(probe_script(script).verdict, Verdict::Success);
}

TEST_F(HttpProbe, BodyMayBeChunkedOrEndWithTheConnection) {
  EXPECT_EQ(probe_script(answer_with("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                                     "2\r\nok\r\n0\r\n\r\n",
                                     Script::End::Hold))
                .verdict,
            Verdict::Success);
  EXPECT_EQ(probe_script(answer_with("HTTP/1.1 200 OK\r\n\r\nuntil the end")).verdict,
            Verdict::Success);
  EXPECT_EQ(probe_script(answer_with("HTTP/1.0 200 OK\r\n\r\nuntil the end")).verdict,
            Verdict::Success);
}

TEST_F(HttpProbe, DIF1_4_SameHostRedirectIsFollowedAndTheFinalAnswerJudged) {
  const ScriptedServer server({redirect_to("/login"), answer_with(kOk)});
  EXPECT_EQ(probe(make_pod(http_get(server.port()))).verdict, Verdict::Success);
  EXPECT_THAT(server.requests(),
              ElementsAre(StartsWith("GET / HTTP/1.1\r\n"), StartsWith("GET /login HTTP/1.1\r\n")));
}

TEST_F(HttpProbe, DIF1_4_OtherHostIsNotFollowedAndFailsReadiness) {
  const ScriptedServer server({redirect_to("http://example.com/")});
  const auto answer = probe(make_pod(http_get(server.port())));
  EXPECT_EQ(answer.verdict, Verdict::Failure);
  EXPECT_THAT(answer.output, StartsWith("HTTP probe failed with statuscode: 302"));
  EXPECT_THAT(server.requests(), SizeIs(1));
}

TEST_F(HttpProbe, HTTP7_HTTP15_OtherHostIsAWarningForLiveness) {
  const ScriptedServer server({answer_with(
      "HTTP/1.1 302 Found\r\nLocation: http://example.com/\r\nContent-Length: 4\r\n\r\naway")});
  const Pod pod = make_pod(http_get(server.port()), ProbeKind::Liveness);
  const auto answer = probe(pod, ProbeKind::Liveness);
  EXPECT_EQ(answer.verdict, Verdict::Warning);
  EXPECT_EQ(answer.output, "Probe terminated redirects, Response body: away");
}

TEST_F(HttpProbe, HTTP8_TheTenthRedirectFails) {
  const ScriptedServer server({redirect_to("/again")});
  const auto answer = probe(make_pod(http_get(server.port())));
  EXPECT_EQ(answer.verdict, Verdict::Failure);
  EXPECT_THAT(answer.output, HasSubstr("stopped after 10 redirects"));
  EXPECT_THAT(server.requests(), SizeIs(10));
}

TEST_F(HttpProbe, HTTP9_RedirectWithoutLocationIsFinal) {
  const ScriptedServer server({answer_with("HTTP/1.1 301 Moved\r\nContent-Length: 0\r\n\r\n")});
  const Pod pod = make_pod(http_get(server.port()), ProbeKind::Startup);
  EXPECT_EQ(probe(pod, ProbeKind::Startup).verdict, Verdict::Warning);
}

TEST_F(HttpProbe, HTTP10_CustomHostIsKeptOnARelativeRedirectOnly) {
  const ScriptedServer second({answer_with(kOk)});
  const ScriptedServer first(
      {redirect_to("/relative"), redirect_to("http://127.0.0.1:" + port_text(second) + "/abs")});
  HttpGetAction action = http_get(first.port());
  action.http_headers = {{"Host", "shop.example"}, {"X-A", "1"}};
  EXPECT_EQ(probe(make_pod(action)).verdict, Verdict::Success);
  EXPECT_THAT(first.requests(), ElementsAre(HasSubstr("Host: shop.example\r\n"),
                                            HasSubstr("Host: shop.example\r\n")));
  EXPECT_THAT(second.requests(),
              ElementsAre(AllOf(StartsWith("GET /abs "), HasSubstr("X-A: 1\r\n"),
                                HasSubstr("Host: 127.0.0.1:" + port_text(second) + "\r\n"))));
}

TEST_F(HttpProbe, HTTP11_EndlessBodyIsCutAt10KiB) {
  const Script big =
      answer_with("HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n" + std::string(200000, 'x'),
                  Script::End::Hold);
  EXPECT_EQ(probe_script(big).verdict, Verdict::Success);
  const Script exact =
      answer_with("HTTP/1.1 200 OK\r\n\r\n" + std::string(10240, 'x'), Script::End::Hold);
  EXPECT_EQ(probe_script(exact).verdict, Verdict::Success);
}

TEST_F(HttpProbe, HTTP11_HTTP15_WarningShowsAtMost10KiBOfTheBody) {
  const ScriptedServer server({answer_with("HTTP/1.1 300 Many\r\n\r\n" + std::string(20000, 'x'))});
  const Pod pod = make_pod(http_get(server.port()), ProbeKind::Liveness);
  const auto answer = probe(pod, ProbeKind::Liveness);
  EXPECT_EQ(answer.verdict, Verdict::Warning);
  EXPECT_EQ(answer.output.size(), 10240U);
}

TEST_F(HttpProbe, HTTP13_WhatHappensBeforeTheHeadIsAFailure) {
  struct {
    Script script;
    const char* text;
  } rows[] = {
      {answer_with(""), ": EOF"},
      {answer_with("", Script::End::Reset), "onnection reset by peer"},
      {answer_with("HTTP/1.1 200 OK\r\nContent-Le"), ": unexpected EOF"},
      {answer_with("SSH-2.0-OpenSSH_9.2\r\n"), "malformed HTTP response: "},
      {answer_with("HTTP/1.1 abc\r\n\r\n"), "malformed HTTP response: "},
  };
  for (auto& row : rows) {
    const auto answer = probe_script(row.script);
    EXPECT_EQ(answer.verdict, Verdict::Failure) << row.script.answer;
    EXPECT_THAT(answer.output, AllOf(StartsWith("Get \"http://127.0.0.1:"), HasSubstr(row.text)));
  }
}

TEST_F(HttpProbe, HTTP13_RefusedConnectionIsAFailureWithTheDialsText) {
  const auto answer = probe(make_pod(http_get(1)));
  EXPECT_EQ(answer.verdict, Verdict::Failure);
  EXPECT_EQ(answer.output,
            "Get \"http://127.0.0.1:1/\": dial tcp 127.0.0.1:1: connect: connection refused");
}

TEST_F(HttpProbe, HTTP13_TimeoutBeforeTheHeadIsAFailure) {
  const auto answer = probe_script(answer_with("HTTP/1.1 200", Script::End::Hold), Seconds(1));
  EXPECT_EQ(answer.verdict, Verdict::Failure);
  EXPECT_THAT(answer.output, EndsWith("exceeded while awaiting headers)"));
}

TEST_F(HttpProbe, HTTP14_BodyThatBreaksOffIsAFailure) {
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf";
  EXPECT_EQ(probe_script(answer_with(head)).verdict, Verdict::Failure);
  EXPECT_EQ(probe_script(answer_with(head, Script::End::Reset)).verdict, Verdict::Failure);
}

TEST_F(HttpProbe, HTTP14_BodyThatDoesNotEndInTimeIsAFailure) {
  const auto answer = probe_script(
      answer_with("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", Script::End::Hold),
      Seconds(1));
  EXPECT_EQ(answer.verdict, Verdict::Failure);
  EXPECT_THAT(answer.output, EndsWith("or context cancellation while reading body)"));
}

TEST_F(HttpProbe, PRB30_OneDeadlineHoldsForAllRedirects) {
  const ScriptedServer server({redirect_to("/next"), answer_with("", Script::End::Hold)});
  const auto answer = probe(make_pod(http_get(server.port()), ProbeKind::Readiness, Seconds(1)));
  EXPECT_EQ(answer.verdict, Verdict::Failure);
  EXPECT_THAT(answer.output, AllOf(HasSubstr("/next\": "), EndsWith("awaiting headers)")));
}

TEST_F(HttpProbe, HTTP16_InterimResponsesAreSkipped) {
  EXPECT_EQ(probe_script(answer_with("HTTP/1.1 100 Continue\r\n\r\n"
                                     "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" +
                                     kOk))
                .verdict,
            Verdict::Success);
}

TEST_F(HttpProbe, HTTP16_Final101IsAFailure) {
  const auto answer = probe_script(
      answer_with("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"));
  EXPECT_EQ(answer.verdict, Verdict::Failure);
  EXPECT_EQ(answer.output, "HTTP probe failed with statuscode: 101");
}

TEST_F(HttpProbe, HTTP12_AnyCertificateIsAcceptedAndAnAddressSendsNoServerName) {
  const ScriptedServer server({answer_with(kOk)}, ScriptedServer::Protocol::Tls);
  HttpGetAction action = http_get(server.port(), "/tls");
  action.scheme = "HTTPS";
  const auto answer = probe(make_pod(action));
  EXPECT_EQ(answer.verdict, Verdict::Success) << answer.output;
  EXPECT_EQ(server.server_name(), "");
  EXPECT_THAT(server.requests(), ElementsAre(StartsWith("GET /tls HTTP/1.1\r\nHost: 127.0.0.1:")));
}

TEST_F(HttpProbe, HTTP12_NameIsTheServerNameWhateverTheHostHeaderSays) {
  const ScriptedServer server({answer_with(kOk)}, ScriptedServer::Protocol::Tls);
  HttpGetAction action = http_get(server.port());
  action.scheme = "HTTPS";
  action.host = "localhost";
  action.http_headers = {{"Host", "shop.example"}};
  const auto answer = probe(make_pod(action));
  EXPECT_EQ(answer.verdict, Verdict::Success) << answer.output;
  EXPECT_EQ(server.server_name(), "localhost");
  EXPECT_THAT(server.requests(), ElementsAre(HasSubstr("Host: shop.example\r\n")));
}

TEST_F(HttpProbe, HTTP13_TlsToAServerThatSpeaksNoneIsAFailure) {
  Script script = answer_with(kOk);
  script.read_request = false;
  const ScriptedServer server({script});
  HttpGetAction action = http_get(server.port());
  action.scheme = "HTTPS";
  const auto answer = probe(make_pod(action));
  EXPECT_EQ(answer.verdict, Verdict::Failure);
  EXPECT_THAT(answer.output, StartsWith("Get \"https://127.0.0.1:"));
}

TEST_F(HttpProbe, PRB27_Ipv6AddressIsBracketedInHost) {
  const ScriptedServer server({answer_with(kOk)}, ScriptedServer::Protocol::Plain, AF_INET6);
  sockets_.pod_address = "::1";
  EXPECT_EQ(probe(make_pod(http_get(server.port()))).verdict, Verdict::Success);
  EXPECT_THAT(server.requests(), ElementsAre(HasSubstr("Host: [::1]:" + port_text(server))));
}

TEST_F(HttpProbe, HTTP3_NamedPortOfTheContainer) {
  const ScriptedServer server({answer_with(kOk)});
  HttpGetAction action = http_get(0);
  action.port = "web";
  Pod pod = make_pod(action);
  pod.spec.containers[0].ports.push_back({"web", server.port(), 0, "", "TCP"});
  EXPECT_EQ(probe(pod).verdict, Verdict::Success);
}

TEST_F(HttpProbe, HTTP4_UnknownNamedPortIsAnError) {
  HttpGetAction action = http_get(0);
  action.port = "nope";
  EXPECT_EQ(probe(make_pod(action)).verdict, Verdict::Error);
}

TEST_F(HttpProbe, NoSocketInThePodsNamespaceIsAnError) {
  sockets_.failure = Error{"pod web has no network namespace", 0};
  EXPECT_EQ(probe(make_pod(http_get(80))).verdict, Verdict::Error);
}

TEST_F(HttpProbe, CancelledAttemptNeverAnswersAndItsHandleServesTheNext) {
  const ScriptedServer silent({answer_with("", Script::End::Hold)});
  const Pod pod = make_pod(http_get(silent.port()));
  start(pod, ProbeKind::Readiness, 5);
  runner_.cancel_attempt(pod.metadata.uid, 5);
  EXPECT_TRUE(events_.posted.empty());
  EXPECT_EQ(probe_script(answer_with(kOk)).verdict, Verdict::Success);
  EXPECT_THAT(events_.posted, SizeIs(1));
}

TEST_F(HttpProbe, ManyAtOnceEachGetTheirOwnAnswer) {
  const ScriptedServer good({answer_with(kOk)});
  const ScriptedServer bad({answer_with("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n")});
  constexpr std::uint64_t kAttempts = 200;
  for (std::uint64_t id = 0; id < kAttempts; ++id) {
    start(make_pod(http_get(id % 2 == 0 ? good.port() : bad.port())), ProbeKind::Readiness, id);
  }
  for (std::uint64_t i = 0; i < kAttempts; ++i) {
    const auto answer = next_answer();
    const bool even = answer.attempt_id % 2 == 0;
    EXPECT_EQ(answer.verdict, even ? Verdict::Success : Verdict::Failure) << answer.output;
  }
  EXPECT_THAT(events_.posted, SizeIs(kAttempts));
}

/// Each answer starts the next attempt from within the event sink, as the daemon's dispatch does.
TEST_F(HttpProbe, AnAnswerMayStartTheNextAttempt) {
  const ScriptedServer server({answer_with(kOk)});
  const Pod pod = make_pod(http_get(server.port()));
  events_.on_post = [&] {
    const std::size_t done = events_.posted.size();
    if (done == 20) return loop_.stop();
    start(pod, ProbeKind::Readiness, done + 1);
  };
  start(pod);
  loop_.run();
  EXPECT_THAT(server.requests(), SizeIs(20));
  for (const auto& answer : events_.of<pod_event::AttemptCompleted>()) {
    EXPECT_EQ(answer.verdict, Verdict::Success);
  }
}

TEST_F(HttpProbe, DestroyingTheRunnerEndsWhatIsUnderWay) {
  const ScriptedServer silent({answer_with("", Script::End::Hold)});
  {
    ProbeRunner runner(loop_, sockets_, executor_, events_);
    for (std::uint64_t id = 0; id < 10; ++id) {
      runner.start_attempt(make_pod(http_get(silent.port())), {{0, 0}, ProbeKind::Readiness, id});
    }
  }
  loop_.run();
  EXPECT_TRUE(events_.posted.empty());
}

TEST_F(HttpProbe, PRB29_ASocketDoesNotLinger) {
  const ScriptedServer server({answer_with(kOk)});
  sockets_.keep = true;
  EXPECT_EQ(probe(make_pod(http_get(server.port()))).verdict, Verdict::Success);
  Pod tcp = make_pod(TcpSocketAction{.port = server.port()});
  EXPECT_EQ(probe(tcp).verdict, Verdict::Success);
  ASSERT_THAT(sockets_.kept, SizeIs(2));
  for (const Fd& socket : sockets_.kept) {
    linger option{};
    socklen_t size = sizeof option;
    ASSERT_EQ(::getsockopt(socket.get(), SOL_SOCKET, SO_LINGER, &option, &size), 0);
    EXPECT_EQ(option.l_onoff, 0);
  }
}

}  // namespace
}  // namespace podvisor
