#include <gtest/gtest.h>

#include "runtime/cgroup/cgroup.h"

namespace podvisor {
namespace {

using Cpu = std::optional<std::int64_t>;

struct CpuCase {
  Cpu request;
  Cpu limit;
  std::int64_t shares;
  Cpu quota;
};

class CpuLimits : public testing::TestWithParam<CpuCase> {};

TEST_P(CpuLimits, RES1_SharesAndQuota) {
  ResourceRequirements resources;
  resources.cpu_request = GetParam().request;
  resources.cpu_limit = GetParam().limit;
  const CgroupLimits limits = cgroup_limits(resources, 0);
  EXPECT_EQ(limits.cpu_shares, GetParam().shares);
  EXPECT_EQ(limits.cpu_quota, GetParam().quota);
}

constexpr std::int64_t kHuge = std::numeric_limits<std::int64_t>::max();

INSTANTIATE_TEST_SUITE_P(Table, CpuLimits,
                         testing::Values(CpuCase{{}, {}, 2, {}},        // neither
                                         CpuCase{0, {}, 2, {}},         // zero is absent
                                         CpuCase{0, 0, 2, {}},          // a limit of zero is none
                                         CpuCase{1, {}, 2, {}},         // 1.024 shares, raised to 2
                                         CpuCase{250, {}, 256, {}},     // request only
                                         CpuCase{1000, {}, 1024, {}},   // one CPU
                                         CpuCase{999, {}, 1022, {}},    // rounded down
                                         CpuCase{{}, 500, 512, 50000},  // no request: the limit
                                         CpuCase{100, 500, 102, 50000},    // both
                                         CpuCase{{}, 1, 2, 1000},          // quota raised to 1 ms
                                         CpuCase{{}, 10, 10, 1000},        // just 1 ms
                                         CpuCase{{}, 11, 11, 1100},        //
                                         CpuCase{{}, 2500, 2560, 250000},  // more than one CPU
                                         CpuCase{256000, {}, 262144, {}},  // just the greatest
                                         CpuCase{999999999, {}, 262144, {}},       // beyond
                                         CpuCase{kHuge, {}, 262144, {}},           // no overflow
                                         CpuCase{2, kHuge, 2, 100'000'000'000}));  // no overflow

TEST(CgroupLimitsOf, RES3_MemoryLimitAloneBecomesALimit) {
  ResourceRequirements resources;
  resources.memory_request = 1 << 20;
  EXPECT_EQ(cgroup_limits(resources, 0).memory_max, std::nullopt);
  resources.memory_limit = 1 << 21;
  EXPECT_EQ(cgroup_limits(resources, 0).memory_max, 1 << 21);
  resources.memory_limit = 0;
  EXPECT_EQ(cgroup_limits(resources, 0).memory_max, std::nullopt);
}

TEST(CgroupLimitsOf, PidsLimitIsHandedOn) { EXPECT_EQ(cgroup_limits({}, 17).pids_max, 17); }

TEST(CpuWeight, RES2_WeightOfShares) {
  EXPECT_EQ(cpu_weight(0), 1);
  EXPECT_EQ(cpu_weight(2), 1);
  EXPECT_EQ(cpu_weight(3), 2);
  EXPECT_EQ(cpu_weight(256), 35);
  EXPECT_EQ(cpu_weight(1024), 100);
  EXPECT_EQ(cpu_weight(2000), 170);
  EXPECT_EQ(cpu_weight(262144), 10000);
  EXPECT_EQ(cpu_weight(300000), 10000);
}

TEST(CpuWeight, RES2_GrowsWithSharesAndStaysInRange) {
  std::int64_t last = 1;
  for (std::int64_t shares = 2; shares <= 262144; ++shares) {
    const std::int64_t weight = cpu_weight(shares);
    ASSERT_GE(weight, last) << shares;
    ASSERT_LE(weight, 10000) << shares;
    last = weight;
  }
}

}  // namespace
}  // namespace podvisor
