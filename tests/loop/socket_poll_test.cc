#include "loop/socket_poll.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <functional>
#include <utility>
#include <vector>

namespace podvisor {
namespace {

struct Pair {
  Fd near;
  Fd far;
  Pair() {
    std::array<int, 2> fds{};
    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds.data());
    near.reset(fds[0]);
    far.reset(fds[1]);
  }
};

class RecordingWatcher final : public SocketPoll::Watcher {
 public:
  void on_socket(int fd, std::uint32_t events) override {
    seen.emplace_back(fd, events);
    if (react) react();
  }
  std::vector<std::pair<int, std::uint32_t>> seen;
  std::function<void()> react;
};

class SocketPollTest : public testing::Test {
 protected:
  void turn() {
    Timer alive(loop_, [] {});
    alive.start(std::chrono::hours(1));
    uv_run(loop_.raw(), UV_RUN_NOWAIT);
  }
  static void write_byte(const Fd& fd) { ASSERT_EQ(send(fd.get(), "x", 1, 0), 1); }

  Loop loop_;
  SocketPoll poll_{loop_};
  RecordingWatcher watcher_;
};

TEST_F(SocketPollTest, TellsWhatWasAskedFor) {
  const Pair pair;
  ASSERT_TRUE(poll_.watch(pair.near.get(), EPOLLIN, watcher_));
  turn();
  EXPECT_TRUE(watcher_.seen.empty());
  write_byte(pair.far);
  turn();
  ASSERT_EQ(watcher_.seen.size(), 1U);
  EXPECT_EQ(watcher_.seen[0], std::make_pair(pair.near.get(), std::uint32_t{EPOLLIN}));
}

TEST_F(SocketPollTest, LaterMaskReplacesTheEarlier) {
  const Pair pair;
  ASSERT_TRUE(poll_.watch(pair.near.get(), EPOLLIN, watcher_));
  ASSERT_TRUE(poll_.watch(pair.near.get(), EPOLLOUT, watcher_));
  turn();
  ASSERT_EQ(watcher_.seen.size(), 1U);
  EXPECT_EQ(watcher_.seen[0].second, std::uint32_t{EPOLLOUT});
}

TEST_F(SocketPollTest, ForgottenSocketThatStaysOpenIsSilentAndMayBeWatchedAgain) {
  const Pair pair;
  ASSERT_TRUE(poll_.watch(pair.near.get(), EPOLLIN, watcher_));
  poll_.forget(pair.near.get());
  write_byte(pair.far);
  turn();
  turn();
  EXPECT_TRUE(watcher_.seen.empty());
  ASSERT_TRUE(poll_.watch(pair.near.get(), EPOLLIN, watcher_));
  turn();
  EXPECT_EQ(watcher_.seen.size(), 1U);
}

TEST_F(SocketPollTest, WatchedAgainBeforeAnyEvent) {
  const Pair pair;
  ASSERT_TRUE(poll_.watch(pair.near.get(), EPOLLIN, watcher_));
  poll_.forget(pair.near.get());
  ASSERT_TRUE(poll_.watch(pair.near.get(), EPOLLIN, watcher_));
  write_byte(pair.far);
  turn();
  EXPECT_EQ(watcher_.seen.size(), 1U);
}

/// Two sockets are ready in one round; the first event closes the second socket and opens another
/// under its number. The queued event must not reach the newcomer.
TEST_F(SocketPollTest, EventOfAClosedSocketDoesNotReachTheNextOfItsNumber) {
  Pair first;
  Pair second;
  RecordingWatcher newcomer;
  std::vector<Pair> opened;
  const auto replace_other = [&](Pair& other) {
    const int number = other.near.get();
    poll_.forget(number);
    other.near.reset();
    opened.emplace_back();
    ASSERT_EQ(opened.back().near.get(), number);
    ASSERT_TRUE(poll_.watch(number, EPOLLIN, newcomer));
  };
  RecordingWatcher one;
  RecordingWatcher two;
  one.react = [&] { replace_other(second); };
  two.react = [&] { replace_other(first); };
  ASSERT_TRUE(poll_.watch(first.near.get(), EPOLLIN, one));
  ASSERT_TRUE(poll_.watch(second.near.get(), EPOLLIN, two));
  write_byte(first.far);
  write_byte(second.far);
  turn();
  EXPECT_EQ(one.seen.size() + two.seen.size(), 1U);
  EXPECT_TRUE(newcomer.seen.empty());
}

TEST_F(SocketPollTest, RevisitsOnceBeforeTheLoopWaits) {
  const Pair pair;
  poll_.revisit(pair.near.get(), watcher_);
  EXPECT_TRUE(watcher_.seen.empty());
  turn();
  turn();
  ASSERT_EQ(watcher_.seen.size(), 1U);
  EXPECT_EQ(watcher_.seen[0], std::make_pair(pair.near.get(), std::uint32_t{0}));
}

TEST_F(SocketPollTest, ForgottenSocketIsNotRevisitedNorIsTheNextOfItsNumber) {
  Pair pair;
  RecordingWatcher newcomer;
  const int number = pair.near.get();
  poll_.revisit(number, watcher_);
  poll_.forget(number);
  ASSERT_TRUE(poll_.watch(number, EPOLLIN, newcomer));
  turn();
  EXPECT_TRUE(watcher_.seen.empty());
  EXPECT_TRUE(newcomer.seen.empty());
}

TEST_F(SocketPollTest, VisitedWatcherMayWatchAndAskForAnotherVisit) {
  const Pair pair;
  const Pair other;
  RecordingWatcher second;
  watcher_.react = [&] {
    if (watcher_.seen.size() > 1) return;
    ASSERT_TRUE(poll_.watch(pair.near.get(), EPOLLOUT, watcher_));
    poll_.revisit(other.near.get(), second);
  };
  poll_.revisit(pair.near.get(), watcher_);
  turn();
  EXPECT_EQ(watcher_.seen.size(), 2U);
  EXPECT_EQ(second.seen.size(), 1U);
}

TEST_F(SocketPollTest, WatchingWhatIsNoSocketIsAnError) {
  EXPECT_FALSE(poll_.watch(1 << 20, EPOLLIN, watcher_));
}

TEST_F(SocketPollTest, DoesNotKeepTheLoopRunning) {
  const Pair pair;
  ASSERT_TRUE(poll_.watch(pair.near.get(), EPOLLIN, watcher_));
  loop_.run();
  EXPECT_TRUE(watcher_.seen.empty());
}

}  // namespace
}  // namespace podvisor
