#include "network/ipv4.h"

#include <gmock/gmock.h>

namespace podvisor {
namespace {

using ::testing::HasSubstr;

TEST(PodCidr, ReadsAddressAndPrefix) {
  const auto cidr = parse_pod_cidr("10.88.0.0/16");
  ASSERT_TRUE(cidr);
  EXPECT_EQ(cidr->network.value, 0x0a580000U);
  EXPECT_EQ(cidr->prefix, 16);
  EXPECT_EQ(to_string(*cidr), "10.88.0.0/16");
}

TEST(PodCidr, TakesFromSlash8ToSlash30) {
  EXPECT_TRUE(parse_pod_cidr("10.0.0.0/8"));
  EXPECT_TRUE(parse_pod_cidr("10.0.0.4/30"));
  EXPECT_FALSE(parse_pod_cidr("10.0.0.0/7"));
  EXPECT_FALSE(parse_pod_cidr("10.0.0.4/31"));
}

TEST(PodCidr, SuggestsTheSubnetWhenHostBitsAreSet) {
  const auto cidr = parse_pod_cidr("10.88.3.1/16");
  ASSERT_FALSE(cidr);
  EXPECT_THAT(cidr.error().message, HasSubstr("did you mean 10.88.0.0/16?"));
}

class BadCidr : public ::testing::TestWithParam<const char*> {};

TEST_P(BadCidr, IsRefusedNamingIt) {
  const auto cidr = parse_pod_cidr(GetParam());
  ASSERT_FALSE(cidr);
  EXPECT_THAT(cidr.error().message, HasSubstr(std::string("\"") + GetParam() + "\""));
}

INSTANTIATE_TEST_SUITE_P(Cidrs, BadCidr,
                         ::testing::Values("", "10.88.0.0", "10.88.0.0/", "10.88.0.0/x", "/16",
                                           "10.88.0.0/16 ", "10.88.0.0/-16", "10.88.0/16",
                                           "10.88.0.0/99999999999", "fd00::/64", "127.0.0.0/8",
                                           "224.0.0.0/16", "0.0.0.0/8", "10.0.0.0/16/16"));

TEST(Ipv4Cidr, OverlapsWhateverSharesAnAddress) {
  const Ipv4Cidr wide = *parse_pod_cidr("10.88.0.0/16");
  const Ipv4Cidr inside = *parse_pod_cidr("10.88.7.0/24");
  const Ipv4Cidr beside = *parse_pod_cidr("10.89.0.0/16");
  EXPECT_TRUE(wide.overlaps(inside));
  EXPECT_TRUE(inside.overlaps(wide));
  EXPECT_FALSE(wide.overlaps(beside));
}

}  // namespace
}  // namespace podvisor
