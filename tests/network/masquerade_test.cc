#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include "network/bridge_network.h"
#include "network/interface.h"
#include "network/netlink.h"
#include "network/nft.h"
#include "testbed.h"

namespace podvisor::network_test {
namespace {

using ::testing::HasSubstr;

constexpr Ipv4Address kHostAddress{0xc0000201};       // 192.0.2.1
constexpr Ipv4Address kNeighbourAddress{0xc0000202};  // 192.0.2.2

// A neighbour on the host's other side, which knows no way back to the pods' subnet.
class Masquerade : public HostTest {
 protected:
  void SetUp() override {
    HostTest::SetUp();
    if (!host_) return;
    neighbour_ = make_netns();
    auto netlink = *NetlinkSocket::open();
    ASSERT_TRUE(netlink.add_veth({.name = "wan",
                                  .mac = host_mac({1}),
                                  .alias = {},
                                  .master = 0,
                                  .peer_name = "wan",
                                  .peer_mac = pod_mac({1}),
                                  .peer_netns = neighbour_.get()}));
    ASSERT_TRUE(netlink.add_address((*netlink.find_link("wan"))->index, kHostAddress, 24));
    in_netns(neighbour_, [] {
      auto inside = *NetlinkSocket::open();
      ASSERT_TRUE(inside.set_up("wan"));
      ASSERT_TRUE(inside.add_address((*inside.find_link("wan"))->index, kNeighbourAddress, 24));
    });
  }

  static bool has_rules(const std::string& bridge) {
    return run_nft("nft", "list table ip podvisor-" + bridge + "\n").has_value();
  }

  static char ip_forward() {
    const Fd file(::open("/proc/sys/net/ipv4/ip_forward", O_RDONLY | O_CLOEXEC));
    char value = '?';
    return read(file.get(), &value, 1) == 1 ? value : '?';
  }

  static void set_ip_forward(char value) {
    const Fd file(::open("/proc/sys/net/ipv4/ip_forward", O_WRONLY | O_CLOEXEC));
    ASSERT_EQ(write(file.get(), &value, 1), 1);
  }

  Fd neighbour_;
  Fd pod_ = make_netns_if_root();

 private:
  static Fd make_netns_if_root() { return geteuid() == 0 ? make_netns() : Fd(); }
};

TEST_F(Masquerade, PodsReachBeyondTheHostUnderItsAddress) {
  set_ip_forward('0');
  const auto network = open({});
  ASSERT_TRUE(network->attach("uid-1", pod_.get()));
  EXPECT_EQ(ip_forward(), '1');
  EXPECT_EQ(connect_from(pod_, "192.0.2.2", listen_in(neighbour_)), "192.0.2.1");
}

TEST_F(Masquerade, TrafficBetweenPodsKeepsItsAddress) {
  const auto network = open({});
  const Fd other = make_netns();
  const auto address = network->attach("uid-1", pod_.get());
  const auto other_address = network->attach("uid-2", other.get());
  ASSERT_TRUE(address && other_address);
  EXPECT_EQ(connect_from(pod_, *other_address, listen_in(other)), *address);
  EXPECT_EQ(connect_from(pod_, "10.88.0.1", listen_in(host_)), *address);
}

TEST_F(Masquerade, ShutdownRemovesTheRulesAndLeavesIpForward) {
  const auto network = open({});
  ASSERT_TRUE(network->attach("uid-1", pod_.get()));
  EXPECT_TRUE(has_rules("podvisor0"));
  detach(*network, "uid-1");
  ASSERT_TRUE(network->shutdown());
  EXPECT_FALSE(has_rules("podvisor0"));
  EXPECT_EQ(ip_forward(), '1');
}

TEST_F(Masquerade, RulesAreNotDoubledByASecondPodvisorInTurn) {
  ASSERT_TRUE(open({})->attach("uid-1", pod_.get()));
  const auto network = open({});
  const Fd other = make_netns();
  ASSERT_TRUE(network->attach("uid-2", other.get()));
  EXPECT_TRUE(run_nft("nft", masquerade_removal("podvisor0")));
  EXPECT_FALSE(has_rules("podvisor0"));
}

TEST_F(Masquerade, TwoBridgesDoNotShareRules) {
  const auto first = open({});
  const auto second = open({.bridge = "podvisor1", .pod_cidr = "10.89.0.0/16"});
  const Fd other = make_netns();
  ASSERT_TRUE(first->attach("uid-1", pod_.get()));
  ASSERT_TRUE(second->attach("uid-2", other.get()));
  detach(*first, "uid-1");
  ASSERT_TRUE(first->shutdown());
  EXPECT_FALSE(has_rules("podvisor0"));
  EXPECT_TRUE(has_rules("podvisor1"));
  EXPECT_EQ(connect_from(other, "192.0.2.2", listen_in(neighbour_)), "192.0.2.1");
}

TEST_F(Masquerade, WithoutItNeitherRulesNorForwardingAreTouched) {
  set_ip_forward('0');
  const auto network = open({.masquerade = false});
  ASSERT_TRUE(network->attach("uid-1", pod_.get()));
  EXPECT_FALSE(has_rules("podvisor0"));
  EXPECT_EQ(ip_forward(), '0');
}

TEST_F(Masquerade, ARefusalByNftFailsTheAttachAndLeavesNoBridge) {
  const auto network = open({.nft_path = "/bin/false"});
  const auto attached = network->attach("uid-1", pod_.get());
  ASSERT_FALSE(attached);
  EXPECT_THAT(attached.error().message, HasSubstr("/bin/false refused the rules"));
  EXPECT_FALSE(*NetlinkSocket::open()->find_link("podvisor0"));
}

}  // namespace
}  // namespace podvisor::network_test
