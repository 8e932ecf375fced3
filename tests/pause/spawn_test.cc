#include <sys/wait.h>

#include <fstream>

#include "pause_fixture.h"

namespace podvisor {
namespace {

using SpawnTest = PauseFixture;

TEST_F(SpawnTest, ReportsExitCodesAndSignals) {
  start();
  spawn(script(1, "exit 3"));
  spawn(script(2, "kill -SEGV $$"));
  EXPECT_EQ(WEXITSTATUS(wait_status_of(1)), 3);
  EXPECT_EQ(WTERMSIG(wait_status_of(2)), SIGSEGV);
}

TEST_F(SpawnTest, FailuresNameTheirStep) {
  start();
  spawn(command(1, {"no-such-program"}));
  spawn(command(2, {"/etc/passwd"}));
  spawn(command(3, {"/no/such/file"}));
  SpawnRequest lost = command(4, {"true"});
  lost.working_directory = "/no/such/directory";
  spawn(lost);
  run_until(loop_, [&] { return told_.failures.size() == 4; });
  EXPECT_EQ(told_.failures[1].step, pause::Step::Exec);
  EXPECT_EQ(told_.failures[1].error_number, ENOENT);
  EXPECT_EQ(told_.failures[2].error_number, EACCES);
  EXPECT_EQ(told_.failures[3].error_number, ENOENT);
  EXPECT_EQ(told_.failures[4].step, pause::Step::WorkingDirectory);
  EXPECT_TRUE(told_.exits.empty());
  EXPECT_TRUE(told_.pids.empty());
}

TEST_F(SpawnTest, LooksForTheProgramInItsOwnPathOnly) {
  start();
  std::ofstream(directory_ + "/tool") << "#!/bin/sh\necho mine\n";
  chmod((directory_ + "/tool").c_str(), 0755);
  SpawnRequest request = command(1, {"tool"});
  request.env = {"PATH=relative::/nowhere:" + directory_};
  EXPECT_EQ(output_of(request), "mine\n");
  request = command(2, {"tool"});
  request.env = {};
  spawn(request);
  EXPECT_EQ(wait_status_of(2), -1);
  EXPECT_EQ(told_.failures[2].error_number, ENOENT);
}

TEST_F(SpawnTest, GivesTheProgramItsEnvironmentAndNothingElse) {
  start();
  SpawnRequest request = command(1, {"/usr/bin/env"});
  request.env = {"A=1", "EMPTY=", "UTF8=\xC3\xBC"};
  EXPECT_EQ(output_of(request), "A=1\nEMPTY=\nUTF8=\xC3\xBC\n");
}

TEST_F(SpawnTest, GivesTheProgramItsDirectoryAndUmask) {
  start();
  SpawnRequest request = script(1, "pwd; umask");
  request.working_directory = "/usr/share";
  EXPECT_EQ(output_of(request), "/usr/share\n0022\n");
}

TEST_F(SpawnTest, GivesTheProgramItsUserAndGroups) {
  start();
  SpawnRequest request = script(1, "id -u; id -g; id -G; grep NoNewPrivs /proc/self/status");
  request.uid = 4321;
  request.gid = 1234;
  request.groups = {{7, 8}};
  request.confinement.no_new_privileges = true;
  EXPECT_EQ(output_of(request), "4321\n1234\n1234 7 8\nNoNewPrivs:\t1\n");
  EXPECT_EQ(output_of(script(2, "grep NoNewPrivs /proc/self/status")), "NoNewPrivs:\t0\n");
}

TEST_F(SpawnTest, StartsWithDefaultSignalsInASessionOfItsOwn) {
  signal(SIGPIPE, SIG_IGN);
  start();
  signal(SIGPIPE, SIG_DFL);
  const std::string text =
      output_of(script(1, "grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status; ps -o pid=,sid= -p $$"));
  EXPECT_NE(text.find("SigBlk:\t0000000000000000"), std::string::npos) << text;
  EXPECT_NE(text.find("SigIgn:\t0000000000000000"), std::string::npos) << text;
  const std::string pid = std::to_string(told_.pids[1]);
  EXPECT_NE(text.find(pid + " "), text.rfind(pid)) << text;
}

TEST_F(SpawnTest, LeaksNoDescriptor) {
  start();
  int fds[2];
  ASSERT_EQ(pipe(fds), 0);  // inheritable on purpose
  const Fd first(fds[0]);
  const Fd second(fds[1]);
  SpawnRequest request = command(1, {"/bin/ls", "/proc/self/fd"});
  request.kept = {first.get()};
  EXPECT_EQ(output_of(request), "0\n1\n2\n3\n");  // 3 is the directory that ls reads
}

TEST_F(SpawnTest, InheritableDescriptorsOfPodvisorDoNotReachPause) {
  const Fd leaked(open("/dev/null", O_RDONLY));
  const Fd high(fcntl(leaked.get(), F_DUPFD, 200));
  start();
  const std::string path = "/proc/" + std::to_string(client_->pid()) + "/fd";
  EXPECT_FALSE(std::filesystem::exists(path + "/200"));
  EXPECT_TRUE(std::filesystem::exists(path + "/3"));
}

TEST_F(SpawnTest, StdinIsEmptyUnlessGiven) {
  start();
  EXPECT_EQ(output_of(command(1, {"cat"})), "");
}

TEST_F(SpawnTest, OomScoreCanBeRaised) {
  start();
  SpawnRequest request = command(1, {"cat", "/proc/self/oom_score_adj"});
  request.oom_score_adj = 987;
  EXPECT_EQ(output_of(request), "987\n");
}

TEST_F(SpawnTest, AnOomScoreThatMayNotBeLoweredDoesNotStopTheProgram) {
  start();
  SpawnRequest request = command(1, {"true"});
  request.oom_score_adj = -1000;
  spawn(request);
  EXPECT_EQ(wait_status_of(1), 0);
}

TEST_F(SpawnTest, AnIdInUseIsRefusedAndTheChildKept) {
  start();
  spawn(command(1, {"sleep", "1000"}));
  run_until(loop_, [&] { return told_.pids.contains(1); });
  spawn(command(1, {"true"}));
  run_until(loop_, [&] { return told_.failures.contains(1); });
  EXPECT_EQ(told_.failures[1].error_number, EEXIST);
  told_.failures.clear();
  client_->signal(1, SIGKILL);
  EXPECT_EQ(WTERMSIG(wait_status_of(1)), SIGKILL);
}

TEST_F(SpawnTest, ASignalRightAfterTheRequestReachesTheChild) {
  start();
  spawn(command(1, {"sleep", "1000"}));
  client_->signal(1, SIGTERM);
  EXPECT_EQ(WTERMSIG(wait_status_of(1)), SIGTERM);
}

TEST_F(SpawnTest, ASignalToAnEndedChildGoesNowhere) {
  start();
  spawn(command(1, {"true"}));
  EXPECT_EQ(wait_status_of(1), 0);
  client_->signal(1, SIGKILL);
  client_->signal(99, SIGKILL);
  spawn(command(2, {"true"}));
  EXPECT_EQ(wait_status_of(2), 0);
}

TEST_F(SpawnTest, LargeEnvironmentsPass) {
  start();
  SpawnRequest request = script(1, "echo ${#A} ${#B}");
  request.env.push_back("A=" + std::string(90000, 'a'));
  request.env.push_back("B=" + std::string(90000, 'b'));
  EXPECT_EQ(output_of(request), "90000 90000\n");
}

}  // namespace
}  // namespace podvisor
