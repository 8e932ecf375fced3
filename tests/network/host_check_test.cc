#include <gmock/gmock.h>
#include <linux/capability.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "network/bridge_network.h"
#include "network/interface.h"
#include "network/netlink.h"
#include "testbed.h"

namespace podvisor::network_test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class HostCheck : public HostTest {
 protected:
  std::string refusal(const BridgeSettings& settings) {
    const auto network = BridgeNetwork::open(settings, loop_);
    return network ? "" : network.error().message;
  }
};

TEST_F(HostCheck, FindsNothingWrongWithAnEmptyHost) { EXPECT_EQ(refusal({}), ""); }

TEST_F(HostCheck, NamesThatAreTooLongAreRefused) {
  EXPECT_THAT(refusal({.bridge = "podvisor-bridge-0"}), HasSubstr("1 to 15 characters"));
}

TEST_F(HostCheck, BadSubnetsAreRefused) {
  EXPECT_THAT(refusal({.pod_cidr = "10.88.0.0/31"}), HasSubstr("/8 to /30"));
}

TEST_F(HostCheck, ALinkOfTheBridgesNameThatIsNoBridgeIsRefused) {
  ASSERT_TRUE(NetlinkSocket::open()->add_veth({.name = "podvisor0",
                                               .mac = host_mac({1}),
                                               .alias = {},
                                               .master = 0,
                                               .peer_name = "other",
                                               .peer_mac = pod_mac({1}),
                                               .peer_netns = -1}));
  EXPECT_THAT(refusal({}), AllOf(HasSubstr("link podvisor0 exists"), HasSubstr("of kind veth"),
                                 HasSubstr("--bridge")));
}

TEST_F(HostCheck, ASubnetThatTheHostUsesAlreadyIsRefused) {
  auto netlink = *NetlinkSocket::open();
  ASSERT_TRUE(netlink.add_bridge({"podman0", pod_mac({1})}));
  ASSERT_TRUE(netlink.add_address((*netlink.find_link("podman0"))->index, {0x0a580001}, 16));
  EXPECT_THAT(refusal({.pod_cidr = "10.88.4.0/24"}),
              AllOf(HasSubstr("overlaps 10.88.0.1/16 on podman0"), HasSubstr("--pod-cidr")));
  EXPECT_EQ(refusal({.pod_cidr = "10.89.0.0/16"}), "");
}

TEST_F(HostCheck, ABridgeWithAnotherSubnetsAddressIsRefusedWhereTheyOverlap) {
  auto netlink = *NetlinkSocket::open();
  ASSERT_TRUE(netlink.add_bridge({"podvisor0", pod_mac({1})}));
  const int bridge = (*netlink.find_link("podvisor0"))->index;
  ASSERT_TRUE(netlink.add_address(bridge, {0x0a580001}, 24));
  EXPECT_THAT(refusal({}), AllOf(HasSubstr("overlaps 10.88.0.1/24 on podvisor0"),
                                 HasSubstr("ip link delete podvisor0")));
}

TEST_F(HostCheck, MasqueradingWithoutNftIsRefused) {
  EXPECT_THAT(refusal({.nft_path = "/nowhere/nft"}), HasSubstr("install nftables"));
  EXPECT_EQ(refusal({.masquerade = false, .nft_path = "/nowhere/nft"}), "");
}

// In a child: a process does not get its capabilities back.
std::string refusal_without(int capability) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return "pipe2 failed";
  const Fd reader(ends[0]);
  Fd writer(ends[1]);
  const pid_t child = fork();
  if (child == 0) {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> data{};
    syscall(SYS_capget, &header, data.data());
    data[0].effective &= ~(1U << capability);
    syscall(SYS_capset, &header, data.data());
    Loop loop;
    const auto network = BridgeNetwork::open({}, loop);
    const std::string text = network ? "opened" : network.error().message;
    _exit(write(writer.get(), text.data(), text.size()) > 0 ? 0 : 1);
  }
  writer.reset();
  std::array<char, 1024> text{};
  const ssize_t size = read(reader.get(), text.data(), text.size());
  waitpid(child, nullptr, 0);
  return {text.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
}

TEST_F(HostCheck, AMissingCapabilityIsNamedWithTheWayOut) {
  EXPECT_THAT(refusal_without(CAP_NET_ADMIN),
              AllOf(HasSubstr("CAP_NET_ADMIN"), HasSubstr("hostNetwork: true")));
  EXPECT_THAT(refusal_without(CAP_SYS_ADMIN), HasSubstr("CAP_SYS_ADMIN"));
}

}  // namespace
}  // namespace podvisor::network_test
