// What systemd hears, on a socket as it has one.
#include "daemon/service_notify.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>

#include "daemon/passed_sockets.h"
#include "podvisor/fd.h"

namespace podvisor {
namespace {

using namespace std::chrono_literals;

class ServiceNotifyTest : public testing::Test {
 protected:
  ServiceNotifyTest() : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    const std::string name = "podvisor-notify-" + std::to_string(::getpid());
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path + 1, name.data(), name.size());
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
    EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    ::setenv("NOTIFY_SOCKET", ("@" + name).c_str(), 1);
  }
  std::string heard() {
    std::array<char, 256> text{};
    const ssize_t size = ::recv(socket_.get(), text.data(), text.size(), MSG_DONTWAIT);
    return size < 0 ? "" : std::string(text.data(), static_cast<std::size_t>(size));
  }

  Fd socket_;
  Loop loop_;
  ObjectStore store_;
};

TEST_F(ServiceNotifyTest, SaysThatItIsReadyAndThatItLives) {
  ::setenv("WATCHDOG_USEC", "2000", 1);
  ServiceNotify notify(loop_, store_);
  EXPECT_EQ(heard(), "");
  notify.ready();
  EXPECT_EQ(heard(), "READY=1\nSTATUS=0 pods, 0 of them Ready");
  EXPECT_EQ(heard(), "WATCHDOG=1");
  std::string again;
  loop_.run_until([&] { return !(again = heard()).empty(); }, 20s);
  EXPECT_EQ(again, "WATCHDOG=1");
}

TEST_F(ServiceNotifyTest, SocketsAreGivenToKeepAndTakenBack) {
  ServiceNotify notify(loop_, store_);
  const Fd listening(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  std::map<std::string, int> sockets{{"0.0.0.0-80", listening.get()}};
  notify.keep([&] { return sockets; }, {"of-an-earlier-one"});
  notify.ready();
  EXPECT_EQ(heard(), "READY=1\nSTATUS=0 pods, 0 of them Ready");
  EXPECT_EQ(heard(), "FDSTOREREMOVE=1\nFDNAME=of-an-earlier-one");
  std::array<char, 256> text{};
  iovec part{text.data(), text.size()};
  alignas(cmsghdr) std::array<char, 64> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  ASSERT_GT(::recvmsg(socket_.get(), &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC), 0);
  EXPECT_STREQ(text.data(), "FDSTORE=1\nFDPOLL=0\nFDNAME=0.0.0.0-80");
  ASSERT_NE(CMSG_FIRSTHDR(&message), nullptr);
  int kept = -1;
  std::memcpy(&kept, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof kept);
  const Fd closes(kept);
  struct stat ours {};
  struct stat theirs {};
  ASSERT_EQ(::fstat(listening.get(), &ours), 0);
  ASSERT_EQ(::fstat(kept, &theirs), 0);
  EXPECT_EQ(ours.st_ino, theirs.st_ino);
  EXPECT_EQ(heard(), "");
  sockets.clear();
  notify.leave(false);
  EXPECT_EQ(heard(), "FDSTOREREMOVE=1\nFDNAME=0.0.0.0-80");
  EXPECT_EQ(heard(), "STOPPING=1");
}

TEST(PassedSockets, AreTakenOnceAndByWhomTheyAreMeantFor) {
  const int first = ::dup(0);
  ::setenv("LISTEN_FDS", "1", 1);
  ::setenv("LISTEN_FDNAMES", "0.0.0.0-80", 1);
  ::setenv("LISTEN_PID", "1", 1);
  EXPECT_TRUE(take_passed_sockets(first).sockets.empty());
  EXPECT_EQ(std::getenv("LISTEN_FDS"), nullptr);
  ::setenv("LISTEN_FDS", "1", 1);
  ::setenv("LISTEN_FDNAMES", "0.0.0.0-80", 1);
  ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
  const PassedSockets passed = take_passed_sockets(first);
  ASSERT_EQ(passed.sockets.size(), 1U);
  EXPECT_EQ(passed.sockets[0].get(), first);
  EXPECT_EQ(::fcntl(first, F_GETFD), FD_CLOEXEC);
  EXPECT_EQ(passed.names, std::set<std::string>{"0.0.0.0-80"});
  EXPECT_TRUE(take_passed_sockets(first).sockets.empty());
}

TEST_F(ServiceNotifyTest, NobodyElseIsMeant) {
  const ServiceNotify notify(loop_, store_);
  EXPECT_EQ(std::getenv("NOTIFY_SOCKET"), nullptr);
  EXPECT_EQ(std::getenv("WATCHDOG_USEC"), nullptr);
}

TEST_F(ServiceNotifyTest, WhoTakesOurPlaceIsMeantNext) {
  ServiceNotify notify(loop_, store_);
  notify.leave(true);
  EXPECT_EQ(heard(), "");
  EXPECT_NE(std::getenv("NOTIFY_SOCKET"), nullptr);
  ServiceNotify(loop_, store_).leave(false);
  EXPECT_EQ(heard(), "STOPPING=1");
}

TEST_F(ServiceNotifyTest, TheStatusFollowsThePods) {
  ServiceNotify notify(loop_, store_);
  notify.ready();
  heard();
  auto pod = std::make_shared<Pod>();
  pod->metadata.name = "web";
  pod->metadata.uid = "u1";
  store_.add_pod(pod, {}, {});
  EXPECT_EQ(service_status(store_), "1 pod, 0 of them Ready");
  std::string status;
  loop_.run_until([&] { return !(status = heard()).empty(); }, 20s);
  EXPECT_EQ(status, "STATUS=1 pod, 0 of them Ready");
}

TEST(WatchdogPeriod, IsHalfOfWhatWasAskedForAndOnlyOurs) {
  EXPECT_EQ(watchdog_period("30000000", "", 7), 15s);
  EXPECT_EQ(watchdog_period("30000000", "7", 7), 15s);
  EXPECT_EQ(watchdog_period("30000000", "8", 7), std::nullopt);
  for (const char* odd : {"", "0", "-1", "soon", "1s"})
    EXPECT_EQ(watchdog_period(odd, "", 7), std::nullopt) << odd;
}

}  // namespace
}  // namespace podvisor
