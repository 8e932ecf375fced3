#include <csignal>
#include <filesystem>
#include <fstream>

#include "runtime_fixture.h"

namespace podvisor {
namespace {

using ContainerTest = RuntimeFixture;

TEST_F(ContainerTest, MSG6_ReportsTheExitCode) {
  const auto exited = run(pod_with("exit 7"));
  EXPECT_EQ(exited.exit_code, 7);
  EXPECT_EQ(exited.signal, 0);
  EXPECT_EQ(exited.oom_kills, 0);
}

TEST_F(ContainerTest, MSG6_ReportsTheSignal) {
  const auto exited = run(pod_with("kill -SEGV $$"));
  EXPECT_EQ(exited.exit_code, 139);
  EXPECT_EQ(exited.signal, SIGSEGV);
}

TEST_F(ContainerTest, TheLogIsCompleteWhenTheExitIsTold) {
  const Pod pod = pod_with("i=0; while [ $i -lt 2000 ]; do echo line $i; i=$((i+1)); done");
  EXPECT_EQ(run(pod).exit_code, 0);
  EXPECT_NE(log_of(pod).find("line 1999\n"), std::string::npos);
}

TEST_F(ContainerTest, BothStreamsAreLogged) {
  const Pod pod = pod_with("echo out; echo err >&2");
  run(pod);
  EXPECT_NE(log_of(pod).find("out\n"), std::string::npos);
  EXPECT_NE(log_of(pod).find("err\n"), std::string::npos);
}

TEST_F(ContainerTest, StandardInputIsAtItsEnd) {
  const Pod pod = pod_with("timeout 0.2 cat; echo $?");
  run(pod);
  EXPECT_EQ(log_of(pod), "0\n");
}

TEST_F(ContainerTest, StandardInputIsKeptOpenWhereItIsAskedFor) {
  Pod pod = pod_with("timeout 0.2 cat; echo $?");
  pod.spec.containers[0].stdin = true;
  run(pod);
  EXPECT_EQ(log_of(pod), "124\n") << "cat was to wait for what nobody writes";
}

TEST_F(ContainerTest, TheWholeProcessTreeDiesWithTheMainProcess) {
  const std::string pids = directory_ + "/pids";
  Pod pod = pod_with("sleep 1000 & echo $! >>" + pids + "; setsid sleep 1000 & echo $! >>" + pids +
                     "; sh -c 'setsid sh -c \"echo \\$\\$ >>" + pids +
                     "; exec sleep 1000\" &'; while [ $(wc -l <" + pids + ") -lt 3 ]; do :; done");
  EXPECT_EQ(run(pod).exit_code, 0);
  std::ifstream file(pids);
  int count = 0;
  for (pid_t pid = 0; file >> pid; ++count) EXPECT_FALSE(is_alive(pid)) << pid;
  EXPECT_EQ(count, 3);
}

TEST_F(ContainerTest, KillTakesATreeThatIgnoresSignals) {
  const Pod pod = pod_with("trap '' TERM INT; sleep 1000 & echo ready; wait; sleep 1000");
  make_sandbox(pod);
  const pid_t pid = start(pod);
  wait_for_log(pod, "ready");
  runtime_->signal_container(pod.metadata.uid, {}, SIGTERM);
  EXPECT_TRUE(is_alive(pid));
  runtime_->kill_container(pod.metadata.uid, {});
  const auto exited = exit_of();
  EXPECT_EQ(exited.exit_code, 137);
  EXPECT_EQ(exited.signal, SIGKILL);
  EXPECT_EQ(exited.oom_kills, 0) << "RES-8: 137 alone is no OOM";
}

TEST_F(ContainerTest, AKillThatOvertakesTheStartStillHits) {
  const Pod pod = pod_with("sleep 1000");
  make_sandbox(pod);
  runtime_->start_container(pod, {});
  runtime_->kill_container(pod.metadata.uid, {});
  EXPECT_EQ(exit_of().exit_code, 137);
  EXPECT_EQ(events_.of<pod_event::ContainerStarted>().size(), 1U);
}

TEST_F(ContainerTest, TRM3_ASignalReachesTheMainProcessAlone) {
  const Pod pod =
      pod_with("trap 'echo term; exit 5' TERM; echo ready; while :; do sleep 0.01; done");
  make_sandbox(pod);
  start(pod);
  wait_for_log(pod, "ready");
  runtime_->signal_container(pod.metadata.uid, {}, SIGTERM);
  EXPECT_EQ(exit_of().exit_code, 5);
  EXPECT_NE(log_of(pod).find("term"), std::string::npos);
}

TEST_F(ContainerTest, SEC2_RunsAsItsUserAndGroups) {
  Pod pod = pod_with("id -u; id -g; id -G; grep NoNewPrivs /proc/self/status");
  SecurityContext& context = pod.spec.containers[0].security_context;
  context.run_as_user = 4321;
  context.run_as_group = 1234;
  context.supplemental_groups = {7};
  context.allow_privilege_escalation = false;
  EXPECT_EQ(run(pod).exit_code, 0);
  EXPECT_EQ(log_of(pod), "4321\n1234\n1234 7\nNoNewPrivs:\t1\n");
}

TEST_F(ContainerTest, ENV9_SeesItsOwnEnvironmentAndNothingOfPodvisors) {
  setenv("PODVISOR_TEST_SECRET", "1", 1);
  Pod pod = pod_with("exit 1");
  pod.spec.containers[0].command = {"/usr/bin/env"};
  pod.spec.containers[0].env = {{"A", "1"}, {"B", "$(A)2"}};
  run(pod);
  unsetenv("PODVISOR_TEST_SECRET");
  EXPECT_EQ(log_of(pod),
            "A=1\nB=12\nHOME=/root\nHOSTNAME=web-host\n"
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n");
}

TEST_F(ContainerTest, RunsInItsWorkingDirectory) {
  Pod pod = pod_with("pwd");
  pod.spec.containers[0].working_dir = "/usr/share";
  run(pod);
  EXPECT_EQ(log_of(pod), "/usr/share\n");
}

TEST_F(ContainerTest, IsInItsOwnCgroup) {
  const Pod pod = pod_with("cat /proc/self/cgroup");
  run(pod);
  const std::string cgroup = cgroup_parent_ + "/pod" + pod.metadata.uid + "/main";
  EXPECT_NE(log_of(pod).find(cgroup), std::string::npos) << log_of(pod);
}

TEST_F(ContainerTest, NET1_SharesThePodsNamespaces) {
  Pod pod = pod_with("sleep 1000");
  pod.spec.containers.push_back(container("sidecar", "sleep 1000"));
  make_sandbox(pod);
  const pid_t main = start(pod, {0, 0});
  const pid_t sidecar = start(pod, {1, 0});
  for (const char* name : {"net", "ipc", "uts"}) {
    EXPECT_EQ(namespace_of(main, name), namespace_of(sidecar, name)) << name;
    EXPECT_NE(namespace_of(main, name), namespace_of(getpid(), name)) << name;
  }
}

TEST_F(ContainerTest, StartsAgainUnderTheNextInstance) {
  const Pod pod = pod_with("echo run; exit 3");
  EXPECT_EQ(run(pod).exit_code, 3);
  start(pod, {0, 1});
  EXPECT_EQ(exit_of({0, 1}).exit_code, 3);
  EXPECT_EQ(log_of(pod, {0, 0}), "run\n");
  EXPECT_EQ(log_of(pod, {0, 1}), "run\n");
}

TEST_F(ContainerTest, CST1_AMissingProgramIsARunContainerError) {
  Pod pod = pod_with("");
  pod.spec.containers[0].command = {"no-such-program"};
  make_sandbox(pod);
  runtime_->start_container(pod, {});
  const auto failed = wait_for<pod_event::ContainerStartFailed>();
  EXPECT_EQ(failed.reason, "RunContainerError");
  EXPECT_EQ(failed.message, "exec: \"no-such-program\": executable file not found in $PATH");
}

TEST_F(ContainerTest, AMissingWorkingDirectoryIsNamed) {
  Pod pod = pod_with("exit 0");
  pod.spec.containers[0].working_dir = "/no/such/directory";
  make_sandbox(pod);
  runtime_->start_container(pod, {});
  EXPECT_EQ(wait_for<pod_event::ContainerStartFailed>().message,
            "cannot change to the working directory \"/no/such/directory\": "
            "No such file or directory");
}

TEST_F(ContainerTest, SEC3_RunAsNonRootRefusesRoot) {
  Pod pod = pod_with("exit 0");
  pod.spec.containers[0].security_context.run_as_non_root = true;
  make_sandbox(pod);
  runtime_->start_container(pod, {});
  EXPECT_EQ(wait_for<pod_event::ContainerStartFailed>().reason, "CreateContainerConfigError");
}

TEST_F(ContainerTest, AnEnvironmentBeyondTheProtocolIsRefusedWithItsSize) {
  Pod pod = pod_with("exit 0");
  pod.spec.containers[0].env = {{"BIG", std::string(200 * 1024, 'x')}};
  make_sandbox(pod);
  runtime_->start_container(pod, {});
  const auto failed = wait_for<pod_event::ContainerStartFailed>();
  EXPECT_EQ(failed.reason, "RunContainerError");
  EXPECT_NE(failed.message.find("196608 are possible"), std::string::npos) << failed.message;
}

TEST_F(ContainerTest, MET6_UsageIsKnownWhileItRuns) {
  const Pod pod = pod_with("sleep 1000");
  make_sandbox(pod);
  EXPECT_FALSE(runtime_->container_usage(pod.metadata.uid, 0).has_value());
  start(pod);
  const auto usage = runtime_->container_usage(pod.metadata.uid, 0);
  ASSERT_TRUE(usage.has_value());
  EXPECT_EQ(usage->oom_kills, 0);
  EXPECT_GE(usage->processes.value_or(0), 1);
  EXPECT_GE(usage->threads.value_or(0), 1);
  EXPECT_FALSE(runtime_->container_usage("no-such-pod", 0).has_value());
}

}  // namespace
}  // namespace podvisor
