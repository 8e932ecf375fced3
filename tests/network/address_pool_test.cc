#include "network/address_pool.h"

#include <gmock/gmock.h>

#include <set>

namespace podvisor {
namespace {

using ::testing::HasSubstr;

AddressPool pool_of(const char* cidr) { return AddressPool(*parse_pod_cidr(cidr)); }

std::string next(AddressPool& pool) {
  const auto address = pool.allocate();
  return address ? to_string(*address) : address.error().message;
}

TEST(AddressPool, GatewayIsTheFirstAddressAndPodsFollow) {
  auto pool = pool_of("10.88.0.0/16");
  EXPECT_EQ(to_string(pool.gateway()), "10.88.0.1");
  EXPECT_EQ(next(pool), "10.88.0.2");
  EXPECT_EQ(next(pool), "10.88.0.3");
}

TEST(AddressPool, AFreedAddressIsTheLastToBeUsedAgain) {
  auto pool = pool_of("10.0.0.0/29");  // pods: .2 to .6
  EXPECT_EQ(next(pool), "10.0.0.2");
  pool.release(*parse_pod_cidr("10.0.0.0/29").map([](const Ipv4Cidr& cidr) {
    return Ipv4Address{cidr.network.value + 2};
  }));
  for (const char* address : {"10.0.0.3", "10.0.0.4", "10.0.0.5", "10.0.0.6", "10.0.0.2"}) {
    EXPECT_EQ(next(pool), address);
  }
}

TEST(AddressPool, SkipsWhatIsTakenOnItsWayRound) {
  auto pool = pool_of("10.0.0.0/29");
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(pool.allocate());
  pool.release({pool.gateway().value + 3});
  EXPECT_EQ(next(pool), "10.0.0.4");
}

TEST(AddressPool, ExhaustionSaysHowManyAndTheWayOut) {
  auto pool = pool_of("192.168.5.4/30");
  EXPECT_EQ(pool.capacity(), 1U);
  EXPECT_EQ(next(pool), "192.168.5.6");
  EXPECT_EQ(next(pool),
            "no free address in 192.168.5.4/30: all 1 are taken; delete a pod, or give podvisor a "
            "larger --pod-cidr");
}

TEST(AddressPool, HandsOutEveryAddressOfASubnetOnce) {
  auto pool = pool_of("10.1.2.0/24");
  std::set<std::uint32_t> seen;
  for (std::size_t i = 0; i < pool.capacity(); ++i) seen.insert(pool.allocate()->value);
  EXPECT_EQ(seen.size(), 253U);
  EXPECT_EQ(to_string(Ipv4Address{*seen.begin()}), "10.1.2.2");
  EXPECT_EQ(to_string(Ipv4Address{*seen.rbegin()}), "10.1.2.254");
  EXPECT_FALSE(pool.allocate());
}

TEST(AddressPool, ReservedAddressesAreNotHandedOut) {
  auto pool = pool_of("10.0.0.0/29");
  pool.reserve({pool.gateway().value + 1});
  pool.reserve({pool.gateway().value + 2});
  pool.reserve(pool.gateway());                // never a pod's
  pool.reserve({pool.gateway().value + 100});  // of another subnet
  EXPECT_EQ(next(pool), "10.0.0.4");
  EXPECT_EQ(next(pool), "10.0.0.5");
  EXPECT_EQ(next(pool), "10.0.0.6");
  EXPECT_THAT(next(pool), HasSubstr("no free address"));
}

}  // namespace
}  // namespace podvisor
