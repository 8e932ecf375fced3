// Containers that something else starts for pause: it becomes their parent, and knows how they end.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <fstream>

#include "pause_fixture.h"

namespace podvisor {
namespace {

class AdoptTest : public PauseFixture {
 protected:
  /// A process that starts `text` in the background, writes its pid and ends.
  SpawnRequest foster(std::uint64_t id, const std::string& text) const {
    SpawnRequest request = script(id, text + " & echo $! >" + directory_ + "/pid");
    request.foster = true;
    return request;
  }

  /// Spawns it and waits until it has ended.
  pid_t pid_left_by(const SpawnRequest& request) {
    spawn(request);
    EXPECT_EQ(wait_status_of(request.id), 0);
    told_.exits.clear();
    told_.pids.clear();
    pid_t pid = 0;
    std::ifstream(directory_ + "/pid") >> pid;
    return pid;
  }

  /// What nobody tells the loop about is looked for again and again.
  void look_until(const std::function<bool()>& reached) {
    Timer look(loop_, [&] { look.start(std::chrono::milliseconds(1)); });
    look.start(std::chrono::milliseconds(1));
    run_until(loop_, reached);
  }
};

TEST_F(AdoptTest, WhatItsChildLeftBehindIsItsOwnFromThenOn) {
  start();
  const pid_t pid = pid_left_by(foster(1, "sleep 1000"));
  client_->adopt(1, pid);
  run_until(loop_, [&] { return told_.pids.contains(1); });
  EXPECT_EQ(told_.pids[1], pid);
  client_->signal(1, SIGTERM);
  const int status = wait_status_of(1);
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGTERM);
}

TEST_F(AdoptTest, HowItEndedIsKnownAlthoughItEndedFirst) {
  start();
  // It ends after the shell, which might have reaped it otherwise.
  const std::string go = directory_ + "/go";
  ASSERT_EQ(mkfifo(go.c_str(), 0600), 0);
  const pid_t pid = pid_left_by(foster(1, "(read line <" + go + "; exit 7)"));
  ASSERT_GT(pid, 0);
  std::ofstream(go) << "now\n";
  look_until([&] { return kill(pid, 0) != 0; });  // reaped
  client_->adopt(1, pid);
  EXPECT_EQ(WEXITSTATUS(wait_status_of(1)), 7);
  EXPECT_EQ(told_.pids[1], pid);
}

TEST_F(AdoptTest, AnExitOfTheAdoptedIsNotLostWhileNobodyIsConnected) {
  start();
  const pid_t pid = pid_left_by(foster(1, "sleep 1000"));
  client_->adopt(1, pid);
  run_until(loop_, [&] { return told_.pids.contains(1); });
  client_.reset();
  kill(pid, SIGKILL);
  reconnect();
  EXPECT_EQ(WTERMSIG(wait_status_of(1)), SIGKILL);
}

TEST_F(AdoptTest, WhatComesWithTheAdoptionIsKeptForWhoeverComesNext) {
  start();
  SpawnRequest request = foster(1, "sleep 1000");
  int pipes[2][2];
  for (auto& ends : pipes) ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  request.kept = {pipes[0][0]};
  const pid_t pid = pid_left_by(request);
  client_->adopt(1, pid, pipes[1][0]);
  run_until(loop_, [&] { return told_.pids.contains(1); });
  for (auto& ends : pipes) close(ends[0]);
  ASSERT_EQ(write(pipes[1][1], "still read", 10), 10);  // no SIGPIPE
  for (auto& ends : pipes) close(ends[1]);
  reconnect();
  ASSERT_EQ(told_.children.size(), 1U);
  ASSERT_EQ(told_.children[0].kept.size(), 2U);
  char text[16] = {};
  EXPECT_EQ(read(told_.children[0].kept[1].get(), text, sizeof text), 10);
  EXPECT_STREQ(text, "still read");
}

TEST_F(AdoptTest, OnlyAChildThatWasToLeaveOneBehindAdopts) {
  start();
  spawn(script(1, "exit 3"));
  EXPECT_EQ(WEXITSTATUS(wait_status_of(1)), 3);
  told_.pids.clear();
  client_->adopt(1, getpid());
  spawn(script(2, "exit 4"));  // answered after whatever the adoption led to
  EXPECT_EQ(WEXITSTATUS(wait_status_of(2)), 4);
  EXPECT_FALSE(told_.pids.contains(1));
}

/// The pod's processes have a pid namespace with an init that would take the orphan.
TEST_F(AdoptTest, NET1_ItStartsOutsideThePodsPidNamespace) {
  settings_.pid = true;
  start();
  const pid_t pid = pid_left_by(foster(1, "exec sleep 1000"));
  const auto namespace_of = [](pid_t of) {
    return std::filesystem::read_symlink("/proc/" + std::to_string(of) + "/ns/pid");
  };
  EXPECT_EQ(namespace_of(pid), namespace_of(getpid()));
  client_->adopt(1, pid);
  run_until(loop_, [&] { return told_.pids.contains(1); });
  spawn(command(2, {"sleep", "1000"}));  // and everybody else in it, as before
  run_until(loop_, [&] { return told_.pids.contains(2); });
  EXPECT_NE(namespace_of(told_.pids[2]), namespace_of(getpid()));
  client_->signal(1, SIGKILL);
  EXPECT_EQ(WTERMSIG(wait_status_of(1)), SIGKILL);
}

TEST_F(AdoptTest, WhoJoinsAPidNamespaceIsBornInIt) {
  start();
  spawn(command(1, {"unshare", "--pid", "--fork", "--mount-proc", "sleep", "1000"}));
  run_until(loop_, [&] { return told_.pids.contains(1); });
  const std::string children = "/proc/" + std::to_string(told_.pids[1]) + "/task/" +
                               std::to_string(told_.pids[1]) + "/children";
  pid_t inside = 0;
  look_until([&] {
    inside = 0;
    std::ifstream(children) >> inside;
    std::string program;
    std::getline(std::ifstream("/proc/" + std::to_string(inside) + "/comm"), program);
    return program == "sleep";
  });
  const std::string of_it = "/proc/" + std::to_string(inside) + "/ns/";
  const Fd pids(open((of_it + "pid").c_str(), O_RDONLY | O_CLOEXEC));
  const Fd mounts(open((of_it + "mnt").c_str(), O_RDONLY | O_CLOEXEC));
  SpawnRequest request = script(2, "cat /proc/1/comm; echo $$; exit 5");
  request.namespaces = {pids.get(), mounts.get()};
  request.pid_namespace = true;
  const std::string said = output_of(request);
  EXPECT_TRUE(said.starts_with("sleep\n")) << said;
  EXPECT_LT(std::stoi(said.substr(6)), 10) << said;
  EXPECT_EQ(WEXITSTATUS(wait_status_of(2)), 5);

  request = command(3, {"no-such-program"});
  request.namespaces = {pids.get(), mounts.get()};
  request.pid_namespace = true;
  spawn(request);
  EXPECT_EQ(wait_status_of(3), -1);
  EXPECT_EQ(told_.failures[3].step, pause::Step::Exec);
  kill(inside, SIGKILL);
  wait_status_of(1);
}

}  // namespace
}  // namespace podvisor
