// `podvisor exec` as it is used: in a plain process and in an image's container, with pipes and on
// a real terminal.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "e2e/image_host.h"

namespace podvisor {
namespace {

using testing::HasSubstr;

/// A client on a terminal of the test's own.
class OnTerminal {
 public:
  OnTerminal(const std::vector<std::string>& argv, unsigned short columns, unsigned short rows) {
    const winsize size{rows, columns, 0, 0};
    int master = -1;
    pid_ = ::forkpty(&master, nullptr, nullptr, &size);
    if (pid_ == 0) {
      std::vector<char*> words;
      for (const std::string& word : argv) words.push_back(const_cast<char*>(word.c_str()));
      words.push_back(nullptr);
      ::execv(words[0], words.data());
      ::_exit(99);
    }
    master_.reset(master);
    ::fcntl(master, F_SETFL, O_NONBLOCK);
  }
  ~OnTerminal() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  OnTerminal(const OnTerminal&) = delete;
  OnTerminal& operator=(const OnTerminal&) = delete;

  void type(const std::string& keys) {
    EXPECT_EQ(::write(master_.get(), keys.data(), keys.size()), static_cast<ssize_t>(keys.size()));
  }
  void resize(unsigned short columns, unsigned short rows) {
    const winsize size{rows, columns, 0, 0};
    ::ioctl(master_.get(), TIOCSWINSZ, &size);
  }
  /// Everything that has been shown so far.
  const std::string& screen() {
    char block[4096];
    for (ssize_t size = 1; size > 0;) {
      size = ::read(master_.get(), block, sizeof block);
      if (size > 0) screen_.append(block, static_cast<std::size_t>(size));
    }
    return screen_;
  }
  /// It echoes, and Ctrl-C is a signal: as terminals are.
  bool is_cooked() {
    termios now{};
    return ::tcgetattr(master_.get(), &now) == 0 && (now.c_lflag & (ECHO | ISIG)) == (ECHO | ISIG);
  }
  bool ended() {
    screen();
    if (pid_ > 0 && ::waitpid(pid_, &status_, WNOHANG) == pid_) pid_ = 0;
    return pid_ == 0;
  }
  [[nodiscard]] int exit_code() const { return WIFEXITED(status_) ? WEXITSTATUS(status_) : -1; }

 private:
  pid_t pid_ = -1;
  Fd master_;
  std::string screen_;
  int status_ = 0;
};

/// Each test holds for a plain process (false) and for a container with an image (true).
class ExecTest : public ImageHost, public testing::WithParamInterface<bool> {
 protected:
  void SetUp() override {
    ImageHost::SetUp();
    if (IsSkipped()) return;
    serve();
    const std::string image = GetParam() ? ", image: '" + image_name() + "'" : "";
    write_pod("  - {name: main" + image +
              ", command: [sh, -c, 'trap exit TERM; sleep 1000 & wait'], " +
              "env: [{name: COLOR, value: blue}], workingDir: /tmp, "
              "securityContext: {runAsUser: 1000, runAsGroup: 1000}}\n");
    ASSERT_TRUE(eventually([&] { return ready("a"); })) << why();
  }

  static std::vector<std::string> with_socket(std::vector<std::string> words,
                                              const std::string& socket) {
    words.insert(words.begin() + 1, {"exec", "--socket", socket});
    return words;
  }
  [[nodiscard]] std::vector<std::string> command(std::vector<std::string> words) const {
    words.insert(words.begin(), PODVISOR);
    return with_socket(std::move(words), socket());
  }
  [[nodiscard]] CommandResult exec(std::vector<std::string> words) const {
    return run_command(command(std::move(words)));
  }
  /// A time to sleep that nobody else sleeps.
  static std::string unique() { return std::to_string(1'000'000 + ::getpid()); }
  /// How many sleep that long, as the container sees it.
  [[nodiscard]] std::string sleepers() const {
    return exec({"a", "--", "sh", "-c",
                 "cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n' | grep -cx " + unique()})
        .out;
  }
};

INSTANTIATE_TEST_SUITE_P(PlainAndImage, ExecTest, testing::Bool(), [](const auto& each) {
  return std::string(each.param ? "Image" : "PlainProcess");
});

TEST_P(ExecTest, EXE1_RunsAsTheContainersProcess) {
  const CommandResult ran =
      exec({"a", "--", "sh", "-c", "id -u; pwd; echo $COLOR; echo err >&2; exit 7"});
  EXPECT_EQ(ran.out, "1000\n/tmp\nblue\n");
  EXPECT_EQ(ran.err, "err\ncommand terminated with exit code 7\n");
  EXPECT_EQ(ran.exit_code, 7);
}

TEST_P(ExecTest, ExitCodesAreAShells) {
  EXPECT_EQ(exec({"a", "--", "true"}).exit_code, 0);
  const CommandResult missing = exec({"a", "--", "no-such-program"});
  EXPECT_EQ(missing.exit_code, 127);
  EXPECT_THAT(missing.err,
              HasSubstr("exec: \"no-such-program\": executable file not found in $PATH"));
  EXPECT_EQ(exec({"a", "--", "/etc/passwd"}).exit_code, 126);
  EXPECT_EQ(exec({"a", "--", "sh", "-c", "kill -9 $$"}).exit_code, 137);
}

TEST_P(ExecTest, TenMegabytesPassBothWaysUnharmed) {
  const std::string in = dir() + "/in", out = dir() + "/out";
  ASSERT_EQ(run_command({"sh", "-c", "head -c 10485760 /dev/urandom >" + in}).exit_code, 0);
  std::string line = PODVISOR;
  line += " exec --socket " + socket() + " -i a -- sh -c 'cat; exit 5' <" + in + " >" + out;
  EXPECT_EQ(run_command({"sh", "-c", line}).exit_code, 5);
  EXPECT_EQ(run_command({"cmp", in, out}).exit_code, 0);
}

TEST_P(ExecTest, WithoutStdinThereIsNothingToRead) {
  EXPECT_EQ(exec({"a", "--", "sh", "-c", "cat; echo end"}).out, "end\n");
}

/// What is left behind by the command does not keep its client waiting.
TEST_P(ExecTest, ItEndsWithItsCommand) {
  const CommandResult ran =
      exec({"a", "--", "sh", "-c",
            "sleep " + unique() + " & echo $! >/tmp/sleeper-" + unique() + "; echo done"});
  EXPECT_EQ(ran.out, "done\n");
  EXPECT_EQ(
      exec({"a", "--", "sh", "-c",
            "read pid </tmp/sleeper-" + unique() + "; kill $pid; rm /tmp/sleeper-" + unique()})
          .exit_code,
      0);
}

TEST_P(ExecTest, AClientThatLeavesTakesTheTreeWithIt) {
  Background client(command({"a", "--", "sh", "-c",
                             "(sleep " + unique() + "; true) & sleep " + unique() + "; true"}),
                    dir() + "/out", dir() + "/err");
  ASSERT_TRUE(eventually([&] { return sleepers() == "2\n"; }))
      << sleepers() << read_file(dir() + "/err");
  client.signal(SIGKILL);
  EXPECT_TRUE(eventually([&] { return sleepers() == "0\n"; })) << sleepers();
}

TEST_P(ExecTest, ATerminalIsReal) {
  OnTerminal client(command({"-it", "a", "--", "sh"}), 101, 37);
  client.type("PS1=; stty size; tty; test -t 0 && test -t 2 && echo all-of-it; echo $TERM\n");
  EXPECT_TRUE(eventually([&] { return client.screen().find("\r\nxterm") != std::string::npos; }))
      << client.screen();
  EXPECT_THAT(client.screen(), HasSubstr("37 101\r\n"));
  EXPECT_THAT(client.screen(), HasSubstr("\r\n/dev/pts/"));
  EXPECT_THAT(client.screen(), HasSubstr("\r\nall-of-it"));
  EXPECT_FALSE(client.is_cooked());
  client.resize(80, 24);
  EXPECT_TRUE(eventually([&] {
    client.type("stty size\n");
    return client.screen().find("24 80\r\n") != std::string::npos;
  })) << client.screen();
  client.type("exit 3\n");
  EXPECT_TRUE(eventually([&] { return client.ended(); })) << client.screen();
  EXPECT_EQ(client.exit_code(), 3);
  EXPECT_TRUE(client.is_cooked());
}

TEST_P(ExecTest, CtrlCReachesTheCommandAndNotTheClient) {
  OnTerminal client(
      command({"-it", "a", "--", "sh", "-c",
               "trap 'echo caught; exit 9' INT; echo set; while true; do sleep 1; done"}),
      80, 24);
  EXPECT_TRUE(eventually([&] { return client.screen().find("set") != std::string::npos; }));
  client.type("\x03");
  EXPECT_TRUE(eventually([&] { return client.ended(); })) << client.screen();
  EXPECT_THAT(client.screen(), HasSubstr("caught"));
  EXPECT_EQ(client.exit_code(), 9);
}

TEST_P(ExecTest, WhatCannotBeIsSaidBeforeAnythingRuns) {
  const CommandResult none = exec({"no-such-pod", "--", "true"});
  EXPECT_EQ(none.exit_code, 1);
  EXPECT_THAT(none.err, HasSubstr("(NotFound): pods \"no-such-pod\" not found"));
  EXPECT_THAT(exec({"a", "-c", "other", "--", "true"}).err,
              HasSubstr("container other is not valid for pod a"));
  EXPECT_EQ(exec({"a"}).exit_code, 1);
}

}  // namespace
}  // namespace podvisor
