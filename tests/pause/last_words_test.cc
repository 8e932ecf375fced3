// A pause that ends in the middle of a conversation, as it looks from the other side.
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

#include "pause/pause_fixture.h"

namespace podvisor {
namespace {

struct EndsWhenItIsKnown : Told {
  void on_ready(std::vector<PauseChild> found) override {
    Told::on_ready(std::move(found));
    peer.reset();
  }
  Fd peer;
};

/// Says what the test tells it to; its process is one that only waits for its end.
class LastWordsTest : public PauseFixture {
 protected:
  void SetUp() override {
    process_pid_ = fork();
    if (process_pid_ == 0) {
      ::pause();
      _exit(0);
    }
    listener_ = Fd(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = directory_ + "/pause.sock";
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    ASSERT_EQ(bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    ASSERT_EQ(listen(listener_.get(), 1), 0);
    auto connected =
        PauseClient::connect(loop_, directory_, {identify(process_pid_), getpid()}, talk_);
    ASSERT_TRUE(connected.has_value()) << connected.error().message;
    client_ = std::move(*connected);
    talk_.peer = Fd(accept(listener_.get(), nullptr, nullptr));
  }
  void TearDown() override {
    told_.died = true;
    kill(process_pid_, SIGKILL);
    PauseFixture::TearDown();
    waitpid(process_pid_, nullptr, 0);
  }

  void say(const pause::Reply& reply, const std::vector<int>& descriptors = {}) const {
    std::array<char, pause::kMaxReply> bytes{};
    iovec part{bytes.data(), encode_reply(reply, bytes)};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(pause::kMaxKept * sizeof(int))> control{};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    if (!descriptors.empty()) {
      const std::size_t size = descriptors.size() * sizeof(int);
      header.msg_control = control.data();
      header.msg_controllen = CMSG_SPACE(size);
      cmsghdr* rights = CMSG_FIRSTHDR(&header);
      rights->cmsg_level = SOL_SOCKET;
      rights->cmsg_type = SCM_RIGHTS;
      rights->cmsg_len = CMSG_LEN(size);
      std::memcpy(CMSG_DATA(rights), descriptors.data(), size);
    }
    ASSERT_GT(sendmsg(talk_.peer.get(), &header, 0), 0);
  }

  pid_t process_pid_ = 0;
  Fd listener_;
  EndsWhenItIsKnown talk_;
};

/// It has not read podvisor's Hello: the next thing that is heard is ECONNRESET.
TEST_F(LastWordsTest, AResetClosesNothingThatCameBefore) {
  pause::Reply welcome{.type = pause::Type::Welcome};
  welcome.version = pause::kProtocolVersion;
  welcome.pid = process_pid_;
  welcome.children = 1;
  say(welcome);
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  const Fd read_end(ends[0]), write_end(ends[1]);
  pause::Reply child{.type = pause::Type::Child};
  child.id = 1;
  child.pid = process_pid_;
  say(child, {ends[0], ends[1]});
  run_until(loop_, [&] { return talk_.died; });
  ASSERT_EQ(talk_.children.size(), 1U);
  ASSERT_EQ(talk_.children[0].kept.size(), 2U);
  for (const Fd& kept : talk_.children[0].kept)
    EXPECT_GE(fcntl(kept.get(), F_GETFD), 0) << "closed by somebody who does not own it";
}

/// It was our child before an upgrade, and ended before this podvisor looked for it.
TEST_F(LastWordsTest, OneThatIsFoundDeadIsReaped) {
  const pid_t dead = fork();
  if (dead == 0) _exit(0);
  siginfo_t ended;
  ASSERT_EQ(waitid(P_PID, static_cast<id_t>(dead), &ended, WEXITED | WNOWAIT), 0);
  std::filesystem::remove(directory_ + "/pause.sock");
  EXPECT_FALSE(PauseClient::connect(loop_, directory_, {identify(dead), getpid()}, told_));
  EXPECT_EQ(waitpid(dead, nullptr, WNOHANG), -1) << "a zombie is left";
}

}  // namespace
}  // namespace podvisor
