#include "probes/exec_probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakes/fake_executor.h"
#include "fakes/fake_pod_sockets.h"
#include "fakes/recording_event_sink.h"
#include "probes/probe_runner.h"

namespace podvisor {
namespace {

using testing::ElementsAre;

const std::vector<std::string> kCommand{"cat", "/tmp/ready"};

ExecOutcome exited(int code, std::string output = {}) {
  ExecOutcome outcome;
  outcome.exit_code = code;
  outcome.output = std::move(output);
  return outcome;
}

TEST(ExecProbe, EXE2_ExitZeroSucceedsAndAnythingElseFailsWithItsOutput) {
  EXPECT_EQ(judge_exec(exited(0), kCommand, Seconds(1)).verdict, Verdict::Success);
  for (const int code : {1, 2, 126, 127, 137, 255}) {
    const ProbeAnswer answer = judge_exec(exited(code, "out\nerr\n"), kCommand, Seconds(1));
    EXPECT_EQ(answer.verdict, Verdict::Failure) << code;
    EXPECT_EQ(answer.output, "out\nerr\n");
  }
}

TEST(ExecProbe, EXE2_OutputIsCutWithoutChangingTheVerdict) {
  const ProbeAnswer answer = judge_exec(exited(0, std::string(20000, 'x')), kCommand, Seconds(1));
  EXPECT_EQ(answer.verdict, Verdict::Success);
  EXPECT_EQ(answer.output.size(), 10240U);
}

TEST(ExecProbe, EXE3_TimeoutNamesCommandAndSpan) {
  ExecOutcome outcome;
  outcome.timed_out = true;
  outcome.exit_code = 137;
  const ProbeAnswer answer = judge_exec(outcome, kCommand, Seconds(1));
  EXPECT_EQ(answer.verdict, Verdict::Failure);
  EXPECT_EQ(answer.output, "command timed out: \"cat /tmp/ready\" timed out after 1s");
}

TEST(ExecProbe, EXE4_TheRuntimesOwnTroubleIsAnError) {
  ExecOutcome outcome;
  outcome.error = Error{"no such container", 0};
  const ProbeAnswer answer = judge_exec(outcome, kCommand, Seconds(1));
  EXPECT_EQ(answer.verdict, Verdict::Error);
  EXPECT_EQ(answer.output, "no such container");
}

TEST(ExecProbe, ENV12_LiteralValuesAreUsedUnexpanded) {
  const std::vector<EnvVar> env{{"A", "x"}, {"B", "$(A)"}, {"A", "last"}, {"EMPTY", ""}};
  EXPECT_THAT(expand_probe_command({"$(A)", "-$(B)-", "$(EMPTY)", "$(NOPE)", "$$(A)"}, env),
              ElementsAre("last", "-$(A)-", "", "$(NOPE)", "$(A)"));
}

class ExecProbeRun : public testing::Test {
 protected:
  ExecProbeRun() {
    pod_.metadata.uid = "u";
    Container& container = pod_.spec.containers.emplace_back();
    container.name = "c";
    container.env = {{"F", "ready"}};
    Probe probe;
    probe.handler = ExecAction{{"cat", "$(F)"}};
    probe.timeout = Seconds(7);
    container.liveness_probe = probe;
  }
  void start(std::uint64_t id) { runner_.start_attempt(pod_, {{0, 2}, ProbeKind::Liveness, id}); }

  Loop loop_;
  FakePodSockets sockets_;
  FakeExecutor executor_;
  RecordingEventSink events_;
  ProbeRunner runner_{loop_, sockets_, executor_, events_};
  Pod pod_;
};

TEST_F(ExecProbeRun, EXE1_RunsTheExpandedCommandInTheInstanceProbed) {
  start(9);
  ASSERT_EQ(executor_.runs.size(), 1U);
  const FakeExecutor::Run& run = executor_.runs.at(1);
  EXPECT_EQ(run.pod, "u");
  EXPECT_EQ(run.ref, (ContainerRef{0, 2}));
  EXPECT_THAT(run.argv, ElementsAre("cat", "ready"));
  EXPECT_EQ(run.timeout, Seconds(7));
}

TEST_F(ExecProbeRun, AnswersOnceAndNamesItsAttempt) {
  start(9);
  EXPECT_TRUE(events_.posted.empty());
  executor_.finish(1, exited(3, "no"));
  const auto answers = events_.of<pod_event::AttemptCompleted>();
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].attempt_id, 9U);
  EXPECT_EQ(answers[0].ref, (ContainerRef{0, 2}));
  EXPECT_EQ(answers[0].kind, ProbeKind::Liveness);
  EXPECT_EQ(answers[0].verdict, Verdict::Failure);
  EXPECT_EQ(answers[0].output, "no");
  EXPECT_TRUE(executor_.cancelled.empty());
}

TEST_F(ExecProbeRun, CancellingKillsTheCommandAndAnswersNothing) {
  start(9);
  runner_.cancel_attempt("other", 9);
  runner_.cancel_attempt("u", 8);
  EXPECT_TRUE(executor_.cancelled.empty());
  runner_.cancel_attempt("u", 9);
  EXPECT_THAT(executor_.cancelled, ElementsAre(1U));
  EXPECT_TRUE(events_.posted.empty());
}

}  // namespace
}  // namespace podvisor
