#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "podvisor/fd.h"
#include "runtime/preflight/host.h"

namespace podvisor {
namespace {

/// A socket on a free port of 127.0.0.1.
class Taken {
 public:
  explicit Taken(int type) : socket_(::socket(AF_INET, type | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    if (type == SOCK_STREAM) {
      EXPECT_EQ(::listen(socket_.get(), 1), 0);
    }
    ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string name() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  Fd socket_;
  std::uint16_t port_ = 0;
};

TEST(ThisHost, NamesWhoListensOnAPort) {
  const Taken taken(SOCK_STREAM);
  EXPECT_EQ(this_host().port_holder("TCP", "", taken.port()), taken.name());
  EXPECT_EQ(this_host().port_holder("TCP", "127.0.0.1", taken.port()), taken.name());
  EXPECT_EQ(this_host().port_holder("TCP", "0.0.0.0", taken.port()), taken.name());
}

TEST(ThisHost, NamesWhoHasAUdpPort) {
  const Taken taken(SOCK_DGRAM);
  EXPECT_EQ(this_host().port_holder("UDP", "", taken.port()), taken.name());
}

TEST(ThisHost, APortOfAnotherAddressIsFree) {
  const Taken taken(SOCK_STREAM);
  EXPECT_EQ(this_host().port_holder("TCP", "127.0.0.2", taken.port()), std::nullopt);
}

TEST(ThisHost, WhatIsNoAddressOfOursHoldsNothing) {
  const Taken taken(SOCK_STREAM);
  EXPECT_EQ(this_host().port_holder("TCP", "not an address", taken.port()), std::nullopt);
  EXPECT_EQ(this_host().port_holder("SCTP", "", taken.port()), std::nullopt);
}

TEST(ThisHost, FilesAreSeenThroughLinks) {
  const auto self = this_host().file("/proc/self/exe");
  ASSERT_TRUE(self);
  EXPECT_TRUE(S_ISREG(self->mode));
  EXPECT_FALSE(this_host().file("/no/such/file"));
}

TEST(ThisHost, FactsAreThisProcess) {
  const HostFacts facts = gather_host_facts("no cgroups", std::nullopt);
  EXPECT_EQ(facts.uid, ::geteuid());
  EXPECT_EQ(facts.gid, ::getegid());
  EXPECT_EQ(facts.cgroups_unavailable, "no cgroups");
  EXPECT_EQ(facts.bridge_unavailable, std::nullopt);
}

// Capabilities are what counts, not the user: root in a container often has few.
TEST(ThisHost, FactsFollowCapabilities) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to become somebody else";
  EXPECT_TRUE(gather_host_facts({}, {}).may_set_ids);
  EXPECT_EXIT(
      {
        const bool left =
            ::setresgid(65534, 65534, 65534) == 0 && ::setresuid(65534, 65534, 65534) == 0;
        const HostFacts facts = gather_host_facts({}, {});
        const bool none = !facts.may_set_ids && !facts.may_make_namespaces &&
                          !facts.may_make_networks && facts.uid == 65534;
        ::_exit(left && none ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace podvisor
