#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <sstream>

#include "pause_fixture.h"
#include "runtime/pause_process.h"

namespace podvisor {
namespace {

using PauseTest = PauseFixture;

std::string link_of(pid_t pid, const std::string& name) {
  return std::filesystem::read_symlink("/proc/" + std::to_string(pid) + "/" + name);
}

TEST_F(PauseTest, NET1_MakesExactlyTheNamespacesItIsAskedFor) {
  settings_.network = settings_.ipc = settings_.uts = true;
  settings_.hostname = "web-0";
  start();
  for (const char* name : {"ns/net", "ns/ipc", "ns/uts"})
    EXPECT_NE(link_of(client_->pid(), name), link_of(getpid(), name)) << name;
  for (const char* name : {"ns/mnt", "ns/pid", "ns/cgroup"})
    EXPECT_EQ(link_of(client_->pid(), name), link_of(getpid(), name)) << name;
  EXPECT_EQ(output_of(command(1, {"hostname"})), "web-0\n");
}

TEST_F(PauseTest, WithoutFlagsItStaysInTheHostsNamespaces) {
  start();
  for (const char* name : {"ns/net", "ns/ipc", "ns/uts"})
    EXPECT_EQ(link_of(client_->pid(), name), link_of(getpid(), name)) << name;
}

TEST_F(PauseTest, BringsLoopbackUpInItsOwnNetwork) {
  settings_.network = true;
  start();
  EXPECT_EQ(output_of(script(1,
                             "cat /sys/class/net/lo/flags; ls /sys/class/net >/dev/null; "
                             "exec 3<>/dev/null; cat /proc/net/if_inet6")),
            output_of(script(2, "cat /sys/class/net/lo/flags; cat /proc/net/if_inet6")));
  EXPECT_NE(output_of(script(3, "cat /proc/net/fib_trie")).find("127.0.0.1"), std::string::npos);
}

TEST_F(PauseTest, JoinsANetworkNamespaceThatExists) {
  const Fd own(open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
  settings_.join_network = own.get();
  settings_.uts = true;
  start();
  EXPECT_EQ(link_of(client_->pid(), "ns/net"), link_of(getpid(), "ns/net"));
  EXPECT_NE(link_of(client_->pid(), "ns/uts"), link_of(getpid(), "ns/uts"));
}

TEST_F(PauseTest, SaysWhichStepOfItsSetUpFailed) {
  const Fd not_a_namespace(open("/dev/null", O_RDONLY | O_CLOEXEC));
  settings_.join_network = not_a_namespace.get();
  start();
  run_until(loop_, [&] { return told_.died; });
  ASSERT_EQ(told_.refused.size(), 1U);
  EXPECT_EQ(told_.refused[0].step, pause::Step::JoinNetwork);
  EXPECT_EQ(told_.refused[0].error_number, EINVAL);
  EXPECT_FALSE(told_.ready);
}

TEST_F(PauseTest, AMissingProgramIsAnError) {
  settings_.pause_path = directory_ + "/podvisor-pause";
  auto started = PauseClient::start(loop_, settings_, told_);
  ASSERT_FALSE(started.has_value());
  EXPECT_EQ(started.error().error_number, ENOENT);
  EXPECT_NE(started.error().message.find(settings_.pause_path), std::string::npos);
}

TEST_F(PauseTest, ItsSocketIsForItsOwnerAlone) {
  start();
  struct stat status {};
  ASSERT_EQ(lstat((directory_ + "/pause.sock").c_str(), &status), 0);
  EXPECT_TRUE(S_ISSOCK(status.st_mode));
  EXPECT_EQ(status.st_mode & 0777, 0600U);
}

TEST_F(PauseTest, SurvivesEverySignalButKill) {
  start();
  for (int signal = 1; signal < SIGRTMAX; ++signal)
    if (signal != SIGKILL && signal != SIGSTOP) kill(client_->pid(), signal);
  spawn(command(1, {"true"}));
  EXPECT_EQ(wait_status_of(1), 0);
  EXPECT_FALSE(told_.died);
}

TEST_F(PauseTest, ShutdownEndsItAndLeavesItsChildrenAlone) {
  prctl(PR_SET_CHILD_SUBREAPER, 1);  // so that the orphan is this test's to reap
  start();
  spawn(command(1, {"sleep", "1000"}));
  run_until(loop_, [&] { return told_.pids.contains(1); });
  client_->shutdown();
  run_until(loop_, [&] { return told_.died; });
  const pid_t orphan = told_.pids[1];
  EXPECT_EQ(kill(orphan, 0), 0);
  kill(orphan, SIGKILL);
  EXPECT_EQ(waitpid(orphan, nullptr, 0), orphan);
  prctl(PR_SET_CHILD_SUBREAPER, 0);
}

TEST_F(PauseTest, ItsDeathIsNoticed) {
  start();
  kill(client_->pid(), SIGKILL);
  run_until(loop_, [&] { return told_.died; });
}

TEST_F(PauseTest, KeepsExitsUntilTheyAreAcknowledged) {
  start();
  spawn(script(1, "exit 7"));
  spawn(script(2, "exit 8"));
  EXPECT_EQ(WEXITSTATUS(wait_status_of(1)), 7);
  EXPECT_EQ(WEXITSTATUS(wait_status_of(2)), 8);
  client_->acknowledge(1);

  reconnect();
  ASSERT_EQ(told_.children.size(), 1U);
  EXPECT_EQ(told_.children[0].id, 2U);
  EXPECT_EQ(WEXITSTATUS(wait_status_of(2)), 8);
  EXPECT_FALSE(told_.exits.contains(1));

  client_->acknowledge(2);
  reconnect();
  EXPECT_TRUE(told_.children.empty());
}

TEST_F(PauseTest, AnExitWhileNobodyIsConnectedIsNotLost) {
  start();
  spawn(script(1, "read line; exit 9"));
  spawn(command(2, {"sleep", "1000"}));
  run_until(loop_, [&] { return told_.pids.size() == 2; });
  const pid_t running = told_.pids[2];
  client_.reset();
  reconnect();
  ASSERT_EQ(told_.children.size(), 2U);
  EXPECT_EQ(told_.children[1].pid, running);
  EXPECT_EQ(WEXITSTATUS(wait_status_of(1)), 9);
  client_->signal(2, SIGTERM);
  EXPECT_EQ(WTERMSIG(wait_status_of(2)), SIGTERM);
}

TEST_F(PauseTest, HandsItsKeptPipesToWhoeverConnectsNext) {
  start();
  int fds[2];
  ASSERT_EQ(pipe2(fds, O_CLOEXEC), 0);
  {
    const Fd read_end(fds[0]);
    const Fd write_end(fds[1]);
    SpawnRequest request = script(1, "echo before; read line; echo after");
    request.stdout_fd = write_end.get();
    request.kept = {read_end.get()};
    int input[2];
    ASSERT_EQ(pipe2(input, O_CLOEXEC), 0);
    const Fd input_read(input[0]);
    const Fd input_write(input[1]);
    request.stdin_fd = input_read.get();
    spawn(request);
    run_until(loop_, [&] { return told_.pids.contains(1); });
    client_.reset();
  }  // nobody but pause holds the read end now, and stdin has ended

  reconnect();
  EXPECT_EQ(wait_status_of(1), 0) << "it got SIGPIPE while nobody read";
  ASSERT_EQ(told_.children.size(), 1U);
  ASSERT_EQ(told_.children[0].kept.size(), 1U);
  char text[64] = {};
  EXPECT_EQ(read(told_.children[0].kept[0].get(), text, sizeof text), 13);
  EXPECT_STREQ(text, "before\nafter\n");
}

TEST_F(PauseTest, OnlyTheNewestConnectionCounts) {
  start();
  Told second;
  auto newest =
      PauseClient::connect(loop_, directory_, {identify(client_->pid()), getpid()}, second);
  ASSERT_TRUE(newest.has_value());
  client_.reset();  // its loss of the connection must not end pause here
  run_until(loop_, [&] { return second.ready; });
  client_ = std::move(*newest);
  ASSERT_TRUE(client_->spawn(command(1, {"true"})).has_value());
  run_until(loop_, [&] { return second.exits.contains(1); });
  EXPECT_TRUE(told_.exits.empty());
  client_->kill();
  run_until(loop_, [&] { return second.died; });
  told_.died = true;
}

TEST_F(PauseTest, OnlyTheOneThatWasWrittenDownIsSpokenTo) {
  start();
  const ProcessIdentity itself = identify(client_->pid());
  const auto refused = [&](PauseClient::Expected expected) {
    Told told;
    const auto connected = PauseClient::connect(loop_, directory_, expected, told);
    return connected ? std::string("none") : connected.error().message;
  };
  const std::string name = "podvisor-pause (pid " + std::to_string(itself.pid) + ")";
  EXPECT_EQ(refused({{itself.pid, itself.started + 1}, getpid()}), name + " is no more");
  EXPECT_EQ(refused({itself, getpid() + 1}),
            "it is not " + name + " that listens at " + directory_);
  run_until(loop_, [&] { return told_.died; });  // the latter was connected before it looked
}

TEST_F(PauseTest, IsTheParentOfOrphansAndReapsThemSilently) {
  start();
  const std::string text =
      output_of(script(1, "(sleep 1000 >/dev/null 2>&1 & echo $! >" + directory_ + "/pid); cat " +
                              directory_ + "/pid"));
  const pid_t orphan = static_cast<pid_t>(std::stol(text));
  std::ifstream stat("/proc/" + std::to_string(orphan) + "/stat");
  std::string pid, name, state;
  pid_t parent = 0;
  stat >> pid >> name >> state >> parent;
  EXPECT_EQ(parent, client_->pid());
  kill(orphan, SIGKILL);
  const std::string path = "/proc/" + std::to_string(orphan);
  Timer again(loop_, [&] { again.start(std::chrono::milliseconds(1)); });
  again.start(std::chrono::milliseconds(1));
  run_until(loop_, [&] { return !std::filesystem::exists(path); });
  EXPECT_EQ(told_.exits.size(), 1U);
}

TEST_F(PauseTest, AThousandQuickChildrenAllComeBack) {
  start();
  for (std::uint64_t id = 1; id <= 1000; ++id)
    spawn(script(id, "exit " + std::to_string(id % 200)));
  run_until(loop_, [&] { return told_.exits.size() == 1000; });
  for (const auto& [id, status] : told_.exits)
    EXPECT_EQ(WEXITSTATUS(status), static_cast<int>(id % 200));
  for (std::uint64_t id = 1; id <= 1000; ++id) client_->acknowledge(id);
  spawn(command(2000, {"true"}));
  wait_status_of(2000);  // by now pause has read everything that was sent before
  reconnect();
  ASSERT_EQ(told_.children.size(), 1U);
  EXPECT_EQ(told_.children[0].id, 2000U);
}

TEST_F(PauseTest, AThousandUnacknowledgedExitsSurviveAReconnection) {
  start();
  for (std::uint64_t id = 1; id <= 1000; ++id) spawn(command(id, {"true"}));
  run_until(loop_, [&] { return told_.pids.size() == 1000; });
  reconnect();
  EXPECT_EQ(told_.children.size(), 1000U);
  run_until(loop_, [&] { return told_.exits.size() == 1000; });
}

TEST_F(PauseTest, NonsenseOnItsSocketCostsTheSpeakerHisConnectionOnly) {
  start();
  spawn(command(1, {"sleep", "1000"}));
  run_until(loop_, [&] { return told_.pids.contains(1); });
  client_.reset();
  for (const std::string& nonsense : {std::string("x"), std::string(4096, 'x')}) {
    auto speaker = connect_pause(directory_);
    ASSERT_TRUE(speaker.has_value()) << speaker.error().message;
    ASSERT_EQ(send(speaker->get(), nonsense.data(), nonsense.size(), 0),
              static_cast<ssize_t>(nonsense.size()));
    bool ended = false;
    Poll answer(loop_, speaker->get(), [&](int, int) {
      char byte = 0;
      ended = recv(speaker->get(), &byte, 1, 0) == 0;
    });
    answer.start(UV_READABLE);
    run_until(loop_, [&] { return ended; });
  }
  reconnect();
  ASSERT_EQ(told_.children.size(), 1U);
}

TEST_F(PauseTest, RequestsBeforeHelloAreRefused) {
  start();
  client_.reset();
  auto speaker = connect_pause(directory_);
  ASSERT_TRUE(speaker.has_value());
  const auto message = encode_spawn(command(1, {"true"}));
  ASSERT_TRUE(message.has_value());
  ASSERT_GT(send(speaker->get(), message->bytes.data(), message->bytes.size(), 0), 0);
  reconnect();
  EXPECT_TRUE(told_.children.empty());
}

TEST_F(PauseTest, StaysSmall) {
  settings_.network = settings_.ipc = settings_.uts = true;
  start();
  spawn(command(1, {"true"}));
  wait_status_of(1);
  std::ifstream rollup("/proc/" + std::to_string(client_->pid()) + "/smaps_rollup");
  int kib = 0;
  for (std::string line; std::getline(rollup, line);)
    if (line.starts_with("Pss:")) std::istringstream(line.substr(4)) >> kib;
  ASSERT_GT(kib, 0);
  EXPECT_LT(kib, 300);
  RecordProperty("pss_kib", kib);
}

/// What a pause of the first version of the protocol sees and says of it.
TEST_F(PauseTest, APauseOfTheFirstVersionIsUnderstoodAndSpared) {
  const Fd listener(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = directory_ + "/pause.sock";
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  ASSERT_EQ(bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(listen(listener.get(), 1), 0);
  auto connected = PauseClient::connect(loop_, directory_, {identify(getpid()), getpid()}, told_);
  ASSERT_TRUE(connected.has_value());
  client_ = std::move(*connected);
  const Fd peer(accept(listener.get(), nullptr, nullptr));
  char hello[256];
  ASSERT_GT(recv(peer.get(), hello, sizeof hello, 0), 8);
  std::uint16_t version = 0;
  std::memcpy(&version, hello + 4, sizeof version);
  EXPECT_EQ(version, 1) << "a header that it would refuse";

  pause::Reply welcome;
  welcome.version = 1;
  welcome.pid = getpid();
  char bytes[pause::kMaxReply];
  const std::size_t size = encode_reply(welcome, bytes);
  ASSERT_EQ(send(peer.get(), bytes, size, 0), static_cast<ssize_t>(size));
  run_until(loop_, [&] { return told_.ready; });
  EXPECT_TRUE(client_->spawn(command(1, {"true"})).has_value());
  SpawnRequest confined = command(2, {"true"});
  confined.confinement.capabilities = 0;
  const Status refused = client_->spawn(confined);
  ASSERT_FALSE(refused.has_value());
  EXPECT_NE(refused.error().message.find("of an older version"), std::string::npos);
  client_.reset();
}

}  // namespace
}  // namespace podvisor
