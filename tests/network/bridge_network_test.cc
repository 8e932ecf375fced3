#include "network/bridge_network.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <net/if.h>

#include <optional>
#include <string>
#include <vector>

#include "network/interface.h"
#include "network/netlink.h"
#include "testbed.h"

namespace podvisor::network_test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class BridgeNetworkTest : public HostTest {
 protected:
  static BridgeSettings plain(const std::string& cidr = "10.99.0.0/24") {
    return {.bridge = "podvisor0", .pod_cidr = cidr, .masquerade = false};
  }
  static std::string attach(BridgeNetwork& network, const PodUid& pod, const Fd& netns) {
    const auto address = network.attach(pod, netns.get());
    return address ? *address : "error: " + address.error().message;
  }
  static std::optional<LinkInfo> link(const std::string& name) {
    return *NetlinkSocket::open()->find_link(name);
  }
};

TEST_F(BridgeNetworkTest, OpeningTouchesNothing) {
  const auto network = open(plain());
  EXPECT_FALSE(link("podvisor0"));
}

TEST_F(BridgeNetworkTest, NET1_HostPodAndGatewayReachEachOther) {
  const auto network = open(plain());
  const Fd first = make_netns();
  const Fd second = make_netns();
  ASSERT_EQ(attach(*network, "uid-1", first), "10.99.0.2");
  ASSERT_EQ(attach(*network, "uid-2", second), "10.99.0.3");

  EXPECT_EQ(connect_from(host_, "10.99.0.2", listen_in(first)), "10.99.0.1");
  EXPECT_EQ(connect_from(first, "10.99.0.3", listen_in(second)), "10.99.0.2");
  EXPECT_EQ(connect_from(second, "10.99.0.1", listen_in(host_)), "10.99.0.3");
}

TEST_F(BridgeNetworkTest, HostEndIsABridgePortThatTellsItsPod) {
  const auto network = open(plain());
  const Fd pod = make_netns();
  ASSERT_EQ(attach(*network, "uid-1", pod), "10.99.0.2");

  const auto bridge = link("podvisor0");
  const auto veth = link(host_interface_name("uid-1"));
  ASSERT_TRUE(bridge && veth);
  EXPECT_EQ(bridge->kind, "bridge");
  EXPECT_EQ(bridge->alias, "podvisor");
  EXPECT_EQ(veth->kind, "veth");
  EXPECT_EQ(veth->alias, "uid-1");
  EXPECT_EQ(veth->master, bridge->index);
}

TEST_F(BridgeNetworkTest, TheBridgesHardwareAddressStaysAsPortsComeAndGo) {
  const auto network = open(plain());
  const Fd pod = make_netns();
  ASSERT_EQ(attach(*network, "uid-1", pod), "10.99.0.2");
  EXPECT_EQ(link("podvisor0")->mac, pod_mac({0x0a630001}));
  detach(*network, "uid-1");
  EXPECT_EQ(link("podvisor0")->mac, pod_mac({0x0a630001}));
}

TEST_F(BridgeNetworkTest, TheLoopThreadStaysInTheHostsNamespace) {
  const auto network = open(plain());
  const Fd pod = make_netns();
  ASSERT_EQ(attach(*network, "uid-1", pod), "10.99.0.2");
  EXPECT_NE(if_nametoindex("podvisor0"), 0U);
  EXPECT_EQ(if_nametoindex("eth0"), 0U);
}

// Asks with a listing: a question about one link would itself bring it up.
std::optional<LinkInfo> listed(const std::string& name) {
  const auto links = NetlinkSocket::open()->links();
  for (const auto& link : *links) {
    if (link.name == name) return link;
  }
  return std::nullopt;
}

TEST_F(BridgeNetworkTest, EveryLinkPassesPacketsOnceAttachReturns) {
  const auto network = open(plain());
  std::vector<Fd> pods;
  for (int i = 0; i < 20; ++i) {
    const std::string uid = "uid-" + std::to_string(i);
    pods.push_back(make_netns());
    ASSERT_TRUE(network->attach(uid, pods.back().get()));
    EXPECT_TRUE(listed("podvisor0")->up) << uid;
    EXPECT_TRUE(listed(host_interface_name(uid))->up) << uid;
    in_netns(pods.back(), [&uid] { EXPECT_TRUE(listed("eth0")->up) << uid; });
  }
}

TEST_F(BridgeNetworkTest, DetachRemovesBothEndsAndThenCallsBack) {
  const auto network = open(plain());
  const Fd pod = make_netns();
  ASSERT_EQ(attach(*network, "uid-1", pod), "10.99.0.2");
  detach(*network, "uid-1");
  EXPECT_FALSE(link(host_interface_name("uid-1")));
  in_netns(pod, [] { EXPECT_EQ(if_nametoindex("eth0"), 0U); });
}

TEST_F(BridgeNetworkTest, DetachOfAPodWhoseNamespaceIsGoneCallsBack) {
  const auto network = open(plain());
  Fd pod = make_netns();
  ASSERT_EQ(attach(*network, "uid-1", pod), "10.99.0.2");
  pod.reset();
  detach(*network, "uid-1");
  EXPECT_FALSE(link(host_interface_name("uid-1")));
}

TEST_F(BridgeNetworkTest, DetachOfAnUnknownPodCallsBackAtOnce) {
  const auto network = open(plain());
  bool done = false;
  network->detach("nobody", [&done] { done = true; });
  EXPECT_TRUE(done);
}

TEST_F(BridgeNetworkTest, APodMayBeAttachedAgainOnceDetached) {
  const auto network = open(plain());
  const Fd before = make_netns();
  ASSERT_EQ(attach(*network, "uid-1", before), "10.99.0.2");
  EXPECT_THAT(attach(*network, "uid-1", before), HasSubstr("attached already"));
  detach(*network, "uid-1");
  const Fd after = make_netns();
  ASSERT_EQ(attach(*network, "uid-1", after), "10.99.0.3");
  EXPECT_EQ(connect_from(host_, "10.99.0.3", listen_in(after)), "10.99.0.1");
}

TEST_F(BridgeNetworkTest, ExhaustionIsAnErrorUntilAPodGoes) {
  const auto network = open(plain("10.99.0.0/30"));
  const Fd first = make_netns();
  const Fd second = make_netns();
  ASSERT_EQ(attach(*network, "uid-1", first), "10.99.0.2");
  EXPECT_THAT(attach(*network, "uid-2", second),
              AllOf(HasSubstr("pod uid-2"), HasSubstr("no free address in 10.99.0.0/30")));
  detach(*network, "uid-1");
  EXPECT_EQ(attach(*network, "uid-2", second), "10.99.0.2");
}

TEST_F(BridgeNetworkTest, NothingIsLeftOfAFailedAttach) {
  const auto network = open(plain("10.99.0.0/30"));
  const Fd pod = make_netns();
  const Fd no_namespace(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  EXPECT_THAT(attach(*network, "uid-1", no_namespace), HasSubstr("cannot"));
  EXPECT_FALSE(link(host_interface_name("uid-1")));
  EXPECT_EQ(attach(*network, "uid-1", pod), "10.99.0.2");
}

TEST_F(BridgeNetworkTest, NothingIsLeftWhenThePodHasAnEth0Already) {
  const auto network = open(plain());
  const Fd pod = make_netns();
  ASSERT_EQ(attach(*network, "uid-1", pod), "10.99.0.2");
  EXPECT_THAT(attach(*network, "uid-2", pod), HasSubstr("cannot make veth"));
  EXPECT_FALSE(link(host_interface_name("uid-2")));
  EXPECT_TRUE(link(host_interface_name("uid-1")));
}

TEST_F(BridgeNetworkTest, ABridgeThatSomebodyRemovedIsMadeAgain) {
  const auto network = open(plain());
  const Fd first = make_netns();
  const Fd second = make_netns();
  ASSERT_EQ(attach(*network, "uid-1", first), "10.99.0.2");
  ASSERT_TRUE(NetlinkSocket::open()->remove_link("podvisor0"));
  EXPECT_THAT(attach(*network, "uid-2", second), HasSubstr("error: "));
  const std::string address = attach(*network, "uid-2", second);
  EXPECT_EQ(connect_from(host_, address, listen_in(second)), "10.99.0.1");
}

TEST_F(BridgeNetworkTest, ShutdownRemovesTheBridge) {
  const auto network = open(plain());
  const Fd pod = make_netns();
  ASSERT_EQ(attach(*network, "uid-1", pod), "10.99.0.2");
  detach(*network, "uid-1");
  EXPECT_TRUE(network->shutdown());
  EXPECT_FALSE(link("podvisor0"));
  EXPECT_EQ(attach(*network, "uid-1", pod), "10.99.0.3");  // and may go on afterwards
}

TEST_F(BridgeNetworkTest, ShutdownBeforeTheFirstPodIsFine) {
  EXPECT_TRUE(open(plain())->shutdown());
}

TEST_F(BridgeNetworkTest, ShutdownRefusesWhileAPodIsAttached) {
  const auto network = open(plain());
  const Fd pod = make_netns();
  ASSERT_EQ(attach(*network, "uid-1", pod), "10.99.0.2");
  EXPECT_THAT(network->shutdown().error().message, HasSubstr("1 pods are attached"));
  EXPECT_TRUE(link("podvisor0"));
}

TEST_F(BridgeNetworkTest, AnEarlierPodvisorsPodsKeepTheirAddressesAndTheirBridge) {
  const Fd left = make_netns();
  ASSERT_EQ(attach(*open(plain()), "uid-old", left), "10.99.0.2");

  const auto network = open(plain());
  const Fd pod = make_netns();
  ASSERT_EQ(attach(*network, "uid-new", pod), "10.99.0.3");
  EXPECT_EQ(connect_from(pod, "10.99.0.2", listen_in(left)), "10.99.0.3");
  detach(*network, "uid-new");
  EXPECT_THAT(network->shutdown().error().message, HasSubstr("pod uid-old"));
  EXPECT_TRUE(link("podvisor0"));
}

TEST_F(BridgeNetworkTest, ABridgeThatSomebodyElseMadeIsUsedAndStays) {
  ASSERT_TRUE(NetlinkSocket::open()->add_bridge({"podvisor0", pod_mac({0x0a630001})}));
  const auto network = open(plain());
  const Fd pod = make_netns();
  ASSERT_EQ(attach(*network, "uid-1", pod), "10.99.0.2");
  EXPECT_EQ(connect_from(host_, "10.99.0.2", listen_in(pod)), "10.99.0.1");
  detach(*network, "uid-1");
  EXPECT_TRUE(network->shutdown());
  EXPECT_TRUE(link("podvisor0"));
}

TEST_F(BridgeNetworkTest, DestroyedWhileAPodIsBeingDetachedItCallsNobodyBack) {
  auto network = open(plain());
  const Fd pod = make_netns();
  ASSERT_EQ(attach(*network, "uid-1", pod), "10.99.0.2");
  bool done = false;
  network->detach("uid-1", [&done] { done = true; });
  network.reset();
  loop_.run();
  EXPECT_FALSE(done);
  EXPECT_FALSE(link(host_interface_name("uid-1")));
}

/// Another podvisor, on the same host, after the one that attached them.
TEST_F(BridgeNetworkTest, WhatAnEarlierPodvisorAttachedIsTakenOver) {
  const Fd first = make_netns();
  const Fd second = make_netns();
  const auto earlier = open(plain());
  ASSERT_EQ(attach(*earlier, "uid-1", first), "10.99.0.2");
  const int before = link(host_interface_name("uid-1"))->index;

  const auto network = open(plain());
  ASSERT_TRUE(network->adopt("uid-1", "10.99.0.2").has_value());
  EXPECT_EQ(link(host_interface_name("uid-1"))->index, before);
  EXPECT_EQ(attach(*network, "uid-2", second), "10.99.0.3") << "its address is in use";
  EXPECT_EQ(connect_from(second, "10.99.0.2", listen_in(first)), "10.99.0.3");
  EXPECT_FALSE(network->shutdown().has_value());
  detach(*network, "uid-1");
  EXPECT_FALSE(link(host_interface_name("uid-1")));
  detach(*network, "uid-2");
  EXPECT_TRUE(network->shutdown().has_value());
}

TEST_F(BridgeNetworkTest, WhoIsNotAttachedAnyMoreIsNotTakenOver) {
  const auto network = open(plain());
  const Status none = network->adopt("uid-1", "10.99.0.2");
  ASSERT_FALSE(none.has_value());
  EXPECT_EQ(none.error().message,
            "pod uid-1 with address 10.99.0.2 is not attached to podvisor0 any more");
}

TEST_F(BridgeNetworkTest, WhatNobodyTookOverCanBeDetached) {
  const Fd pod = make_netns();
  const auto earlier = open(plain());
  ASSERT_EQ(attach(*earlier, "uid-1", pod), "10.99.0.2");
  const auto network = open(plain());
  detach(*network, "uid-1");
  EXPECT_FALSE(link(host_interface_name("uid-1")));
}

}  // namespace
}  // namespace podvisor::network_test
