// What systemd hears, on a socket as it has one.
#include "daemon/service_notify.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>

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
