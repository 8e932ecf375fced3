#include "runtime/security/capabilities.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/capability.h>

namespace podvisor {
namespace {

using ::testing::HasSubstr;

constexpr CapabilityMask kAll = ~CapabilityMask{0};

CapabilityMask mask(std::vector<std::string> add, std::vector<std::string> drop,
                    CapabilityMask own = kAll) {
  const auto result = capability_mask({std::move(add), std::move(drop)}, own);
  EXPECT_TRUE(result.has_value()) << result.error().message;
  return result.value_or(0);
}

TEST(CapabilityNames, SEC8_AreTakenWithAndWithoutTheirPrefix) {
  EXPECT_EQ(find_capability("NET_ADMIN"), CAP_NET_ADMIN);
  EXPECT_EQ(find_capability("CAP_NET_ADMIN"), CAP_NET_ADMIN);
  EXPECT_EQ(find_capability("cap_net_admin"), CAP_NET_ADMIN);
  EXPECT_FALSE(find_capability("NET_ADMN"));
  EXPECT_FALSE(find_capability(""));
  EXPECT_EQ(capability_name(CAP_SYS_PTRACE), "SYS_PTRACE");
}

TEST(CapabilityMask, SEC8_BeginsAtTheRuntimesDefaultSet) {
  EXPECT_EQ(mask({}, {}), default_capabilities());
  // As containerd's; the number is what `CapBnd:` of its containers shows.
  EXPECT_EQ(default_capabilities(), 0xa80425fbU);
}

TEST(CapabilityMask, SEC8_DropsFirstAndAddsThen) {
  EXPECT_EQ(mask({"NET_BIND_SERVICE"}, {"ALL"}), capability_bit(CAP_NET_BIND_SERVICE));
  EXPECT_EQ(mask({"CHOWN"}, {"CHOWN"}), default_capabilities());
  EXPECT_EQ(mask({}, {"CAP_CHOWN"}), default_capabilities() & ~capability_bit(CAP_CHOWN));
  EXPECT_EQ(mask({"SYS_TIME"}, {"KILL"}),
            (default_capabilities() | capability_bit(CAP_SYS_TIME)) & ~capability_bit(CAP_KILL));
  EXPECT_EQ(mask({}, {"all"}), 0U);
}

TEST(CapabilityMask, SEC8_AllIsWhatPodvisorHas) {
  const CapabilityMask own = capability_bit(CAP_CHOWN) | capability_bit(CAP_SYS_ADMIN);
  EXPECT_EQ(mask({"ALL"}, {}, own), own);
  EXPECT_EQ(mask({"ALL"}, {"CHOWN"}, own), own);  // add comes last
  EXPECT_EQ(mask({}, {}, own), capability_bit(CAP_CHOWN));
}

TEST(CapabilityMask, WhatIsAskedForByNameMustBeThere) {
  const auto none = capability_mask({{"SYS_TIME"}, {}}, capability_bit(CAP_CHOWN));
  ASSERT_FALSE(none);
  EXPECT_THAT(none.error().message, HasSubstr("podvisor does not have the capability SYS_TIME"));
  const auto unknown = capability_mask({{}, {"NET_ADMN"}}, kAll);
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().message, HasSubstr("there is no capability \"NET_ADMN\""));
}

}  // namespace
}  // namespace podvisor
