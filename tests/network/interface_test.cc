#include "network/interface.h"

#include <gmock/gmock.h>

#include <set>

namespace podvisor {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

TEST(BridgeName, TakesWhatTheKernelAndNftTake) {
  EXPECT_TRUE(validate_bridge_name("podvisor0"));
  EXPECT_TRUE(validate_bridge_name("br-1_a.b"));
  EXPECT_TRUE(validate_bridge_name("exactly15chars_"));
}

TEST(BridgeName, RefusesTooLongAndEmpty) {
  EXPECT_THAT(validate_bridge_name("sixteencharacter").error().message,
              HasSubstr("1 to 15 characters"));
  EXPECT_THAT(validate_bridge_name("").error().message, HasSubstr("1 to 15 characters"));
}

TEST(BridgeName, RefusesWhatCouldBreakOutOfTheRules) {
  for (const char* name : {"a b", "a\"b", "a/b", "a;b", "a\nb", "a{", "..", "."}) {
    EXPECT_FALSE(validate_bridge_name(name)) << name;
  }
}

TEST(HostInterfaceName, FitsAndFollowsFromTheUid) {
  const PodUid uid = "3f1c2c1e-6f7a-4d55-9a51-1d2f8d0b7c11";
  EXPECT_THAT(host_interface_name(uid), MatchesRegex("pv[0-9a-f]{10}"));
  EXPECT_EQ(host_interface_name(uid), host_interface_name(uid));
}

TEST(HostInterfaceName, DiffersForUidsThatDifferInOneCharacter) {
  std::set<std::string> names;
  for (int i = 0; i < 1000; ++i) names.insert(host_interface_name("pod-" + std::to_string(i)));
  EXPECT_EQ(names.size(), 1000U);
}

TEST(MacAddress, IsLocalUnicastAndFollowsFromTheAddress) {
  const MacAddress mac = pod_mac({0x0a580102});
  EXPECT_EQ(mac, (MacAddress{0x0a, 0x58, 0x0a, 0x58, 0x01, 0x02}));
  EXPECT_EQ(mac[0] & 3, 2);
  EXPECT_NE(host_mac({0x0a580102}), mac);
}

TEST(MacAddress, OfAHostEndTellsThePodsAddress) {
  EXPECT_EQ(address_of_host_mac(host_mac({0x0a580102})), Ipv4Address{0x0a580102});
  EXPECT_FALSE(address_of_host_mac(pod_mac({0x0a580102})));
  EXPECT_FALSE(address_of_host_mac({0x0e, 0x00, 1, 2, 3, 4}));
}

}  // namespace
}  // namespace podvisor
