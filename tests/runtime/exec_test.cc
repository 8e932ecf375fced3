#include <csignal>
#include <fstream>

#include "runtime_fixture.h"

namespace podvisor {
namespace {

class ExecTest : public RuntimeFixture {
 protected:
  Pod running(Pod pod) {
    make_sandbox(pod);
    pid_ = start(pod);
    return pod;
  }
  static std::vector<std::string> shell(const std::string& script) { return {"sh", "-c", script}; }

  pid_t read_pid(const std::string& path) {
    Timer again(loop_, [&] { again.start(std::chrono::milliseconds(1)); });
    again.start(std::chrono::milliseconds(1));
    pid_t pid = 0;
    run_until([&] { return static_cast<bool>(std::ifstream(path) >> pid); });
    return pid;
  }

  pid_t pid_ = 0;
};

TEST_F(ExecTest, EXE2_TellsExitCodeAndStdoutBeforeStderr) {
  const Pod pod = running(pod_with("sleep 1000"));
  const ExecOutcome outcome = exec(pod, shell("echo err >&2; echo out; exit 4"));
  EXPECT_FALSE(outcome.error.has_value());
  EXPECT_EQ(outcome.exit_code, 4);
  EXPECT_EQ(outcome.output, "out\nerr\n");
  EXPECT_FALSE(outcome.timed_out);
}

TEST_F(ExecTest, EXE2_KeepsTheFirst10KiBAndReadsOn) {
  const Pod pod = running(pod_with("sleep 1000"));
  const ExecOutcome outcome =
      exec(pod, shell("head -c 1000000 /dev/zero | tr '\\0' a; echo err >&2; exit 0"));
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.output, std::string(10240, 'a'));
}

TEST_F(ExecTest, EXE1_RunsAsTheContainersProcessWould) {
  Pod pod = pod_with("sleep 1000");
  pod.spec.containers[0].security_context.run_as_user = 4321;
  pod.spec.containers[0].security_context.run_as_group = 1234;
  pod.spec.containers[0].working_dir = "/usr/share";
  pod.spec.containers[0].env = {{"COLOR", "blue"}};
  running(pod);
  const ExecOutcome outcome =
      exec(pod, shell("id -u; id -g; pwd; echo $COLOR $HOSTNAME; cat /proc/self/cgroup"));
  EXPECT_TRUE(outcome.output.starts_with("4321\n1234\n/usr/share\nblue web-host\n"))
      << outcome.output;
  EXPECT_NE(outcome.output.find(cgroup_parent_ + "/pod" + pod.metadata.uid + "/main"),
            std::string::npos);
}

TEST_F(ExecTest, EXE1_RunsInThePodsNamespaces) {
  const Pod pod = running(pod_with("sleep 1000"));
  EXPECT_EQ(exec(pod, {"readlink", "/proc/self/ns/net"}).output, namespace_of(pid_, "net") + "\n");
}

TEST_F(ExecTest, EXE4_ProgramsThatCannotBeRunAreAnAnswerOfTheShellsKind) {
  const Pod pod = running(pod_with("sleep 1000"));
  const ExecOutcome missing = exec(pod, {"no-such-program"});
  EXPECT_FALSE(missing.error.has_value());
  EXPECT_EQ(missing.exit_code, 127);
  EXPECT_EQ(missing.output, "exec: \"no-such-program\": executable file not found in $PATH");
  const ExecOutcome forbidden = exec(pod, {"/etc/passwd"});
  EXPECT_FALSE(forbidden.error.has_value());
  EXPECT_EQ(forbidden.exit_code, 126);
  EXPECT_EQ(forbidden.output, "exec: \"/etc/passwd\": Permission denied");
}

TEST_F(ExecTest, MSG6_ASignalIsAnExitCodeToo) {
  const Pod pod = running(pod_with("sleep 1000"));
  EXPECT_EQ(exec(pod, shell("kill -TERM $$")).exit_code, 143);
}

TEST_F(ExecTest, EXE3_ATimeoutKillsWhateverWasStarted) {
  const Pod pod = running(pod_with("sleep 1000"));
  const std::string paths = directory_ + "/exec-";
  const ExecOutcome outcome =
      exec(pod,
           shell("echo begun; echo $$ >" + paths + "0; sleep 1000 & echo $! >" + paths +
                 "1; setsid sh -c 'echo $$ >" + paths +
                 "2; exec sleep 1000' & "
                 "sh -c 'sleep 1000 & echo $! >" +
                 paths + "3'; wait"),
           std::chrono::seconds(1));
  EXPECT_TRUE(outcome.timed_out);
  EXPECT_EQ(outcome.output, "begun\n");
  for (const char* number : {"0", "1", "2", "3"}) wait_until_gone(read_pid(paths + number));
  EXPECT_TRUE(is_alive(pid_));
}

TEST_F(ExecTest, CancelKillsItAndSaysNothing) {
  const Pod pod = running(pod_with("sleep 1000"));
  bool answered = false;
  const std::uint64_t id =
      runtime_->exec(pod.metadata.uid, {}, shell("echo $$ >" + directory_ + "/pid; sleep 1000"),
                     std::chrono::seconds(20), [&](const ExecOutcome&) { answered = true; });
  const pid_t pid = read_pid(directory_ + "/pid");
  runtime_->cancel(id);
  wait_until_gone(pid);
  EXPECT_EQ(exec(pod, {"true"}).exit_code, 0);
  EXPECT_FALSE(answered);
}

TEST_F(ExecTest, CancelRightAfterTheRequestHitsToo) {
  const Pod pod = running(pod_with("sleep 1000"));
  bool answered = false;
  const std::uint64_t id =
      runtime_->exec(pod.metadata.uid, {}, shell("exec sleep 1000"), std::chrono::seconds(20),
                     [&](const ExecOutcome&) { answered = true; });
  runtime_->cancel(id);
  runtime_->cancel(id);
  runtime_->cancel(12345);
  EXPECT_EQ(exec(pod, shell("ps -eo sid,args | grep -c '[s]leep 1000'")).exit_code, 0);
  EXPECT_FALSE(answered);
}

TEST_F(ExecTest, EXE4_WithoutARunningContainerItIsAnError) {
  const Pod pod = pod_with("exit 0");
  EXPECT_TRUE(exec(pod, {"true"}).error.has_value()) << "no sandbox";
  run(pod);
  EXPECT_TRUE(exec(pod, {"true"}).error.has_value()) << "ended";
}

TEST_F(ExecTest, ACancelledRefusalIsNotTold) {
  bool answered = false;
  const std::uint64_t id = runtime_->exec("no-such-pod", {}, {"true"}, std::chrono::seconds(1),
                                          [&](const ExecOutcome&) { answered = true; });
  runtime_->cancel(id);
  EXPECT_TRUE(exec(pod_with(""), {"true"}).error.has_value());
  EXPECT_FALSE(answered);
}

TEST_F(ExecTest, DiesWithItsContainer) {
  const Pod pod = running(pod_with("sleep 1000"));
  std::optional<ExecOutcome> outcome;
  runtime_->exec(pod.metadata.uid, {}, shell("echo $$ >" + directory_ + "/pid; sleep 1000"),
                 std::chrono::seconds(20), [&](ExecOutcome got) { outcome = std::move(got); });
  const pid_t pid = read_pid(directory_ + "/pid");
  kill(pid_, SIGKILL);
  exit_of();
  EXPECT_FALSE(is_alive(pid));
  run_until([&] { return outcome.has_value(); });
  EXPECT_EQ(outcome->exit_code, 137);
}

TEST_F(ExecTest, EXE5_DoesNotTouchTheContainer) {
  const Pod pod = running(pod_with("sleep 1000"));
  for (int i = 0; i < 100; ++i) EXPECT_EQ(exec(pod, {"false"}).exit_code, 1);
  EXPECT_TRUE(is_alive(pid_));
  EXPECT_TRUE(events_.of<pod_event::ContainerExited>().empty());
}

TEST_F(ExecTest, ManyAtOnceEachGetTheirOwnAnswer) {
  const Pod pod = running(pod_with("sleep 1000"));
  std::map<int, std::string> outputs;
  for (int i = 0; i < 200; ++i)
    runtime_->exec(pod.metadata.uid, {}, shell("echo " + std::to_string(i)),
                   std::chrono::seconds(20),
                   [&outputs, i](const ExecOutcome& got) { outputs[i] = got.output; });
  run_until([&] { return outputs.size() == 200; });
  for (const auto& [i, output] : outputs) EXPECT_EQ(output, std::to_string(i) + "\n");
}

}  // namespace
}  // namespace podvisor
