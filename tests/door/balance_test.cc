#include "door/balance.h"

#include <gtest/gtest.h>

#include <set>

namespace podvisor::door {
namespace {

using std::chrono::milliseconds;

EndpointPtr endpoint(const std::string& id, EndpointState state = EndpointState::Ready) {
  DoorEndpoint about{id, "127.0.0.1:1", state, false};
  return std::make_shared<Endpoint>(about, *parse_address(about.address), [] {});
}

struct Balance : testing::Test {
  const Endpoint* chosen(const Wish& wish = {}, std::size_t turn = 0) {
    const EndpointPtr* best = choose(set, rests, wish, turn, now);
    return best == nullptr ? nullptr : best->get();
  }
  EndpointPtr a = endpoint("a"), b = endpoint("b"), c = endpoint("c");
  EndpointSet set{a, b, c};
  Rests rests;
  TimePoint now{std::chrono::hours(1)};
};

TEST_F(Balance, TheLeastBusyGetsTheNext) {
  const Claim one = Claim::take(a);
  const Claim two = Claim::take(b);
  EXPECT_EQ(chosen(), c.get());
  const Claim three = Claim::take(c);
  const Claim four = Claim::take(c);
  EXPECT_NE(chosen(), c.get());
}

TEST_F(Balance, EqualsTakeTurns) {
  std::set<const Endpoint*> seen;
  for (std::size_t turn = 0; turn < 3; ++turn) seen.insert(chosen({}, turn));
  EXPECT_EQ(seen.size(), 3U);
}

TEST_F(Balance, DIF3_NobodyGoesWhereItIsNotReady) {
  a->state(EndpointState::NotReady);
  b->state(EndpointState::Draining);
  for (std::size_t turn = 0; turn < 3; ++turn) EXPECT_EQ(chosen({}, turn), c.get());
  c->state(EndpointState::NotReady);
  EXPECT_EQ(chosen(), nullptr);
}

TEST_F(Balance, WhoFailedIsAvoidedUnlessThereIsNoOther) {
  EXPECT_NE(chosen({.avoid = a.get(), .affinity = {}}), a.get());
  set = {a};
  EXPECT_EQ(chosen({.avoid = a.get(), .affinity = {}}), a.get());
}

TEST_F(Balance, WhoCouldNotBeReachedRests) {
  set = {a};
  rests.count_failure(*a, now);
  EXPECT_EQ(chosen(), nullptr);
  EXPECT_EQ(rests.first_end(now), now + milliseconds(20));
  now += milliseconds(20);
  EXPECT_EQ(chosen(), a.get());
  rests.count_failure(*a, now);
  EXPECT_EQ(rests.first_end(now), now + milliseconds(40));
  rests.count_success(*a);
  EXPECT_EQ(chosen(), a.get());
}

TEST_F(Balance, AClientStaysWhereItIsWhenOthersGo) {
  for (std::uint64_t client = 0; client < 50; ++client) {
    set = {a, b, c};
    const Wish wish{nullptr, client};
    const Endpoint* home = chosen(wish);
    EXPECT_EQ(chosen(wish, 1), home);
    std::erase_if(set, [&](const EndpointPtr& one) { return one.get() != home && one != c; });
    EXPECT_EQ(chosen(wish), home);
  }
}

TEST_F(Balance, AClaimAtWhoIsLeavingIsNone) {
  a->state(EndpointState::Draining);
  EXPECT_FALSE(Claim::take(a));
  EXPECT_TRUE(a->quiet());
}

TEST_F(Balance, AnUpgradedClaimCountsOnItsOwn) {
  Claim claim = Claim::take(a);
  claim.upgrade();
  EXPECT_EQ(a->in_flight(), 0U);
  EXPECT_EQ(a->upgraded(), 1U);
  claim.release();
  EXPECT_TRUE(a->quiet());
}

TEST(EndpointAddress, IsReadOrRefused) {
  EXPECT_EQ(parse_address("10.0.0.1:80")->family(), AF_INET);
  EXPECT_EQ(parse_address("[fd00::1]:80")->family(), AF_INET6);
  for (const char* bad : {"", "10.0.0.1", "10.0.0.1:", "10.0.0.1:0", "10.0.0.1:70000", "host:80"})
    EXPECT_FALSE(parse_address(bad)) << bad;
}

}  // namespace
}  // namespace podvisor::door
