#include "runtime/interface_usage.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace podvisor {
namespace {

constexpr const char* kHead =
    "Inter-|   Receive                                                |  Transmit\n"
    " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop "
    "fifo colls carrier compressed\n";

TEST(InterfaceUsage, MET6_EachInterfaceButTheLoopback) {
  const auto usage = parse_net_dev(
      std::string(kHead) +
      "    lo:     816      10    0    0    0     0          0         0      816      "
      "10    0    0    0     0       0          0\n"
      "  eth0: 1296 16 1 2 0 0 0 0 1006 13 3 4 0 0 0 0\n"
      "tun0:5 6 0 0 0 0 0 0 7 8 0 0 0 0 0 0\n");
  const std::vector<InterfaceUsage> expected = {{"eth0", {1296, 16, 1, 2}, {1006, 13, 3, 4}},
                                                {"tun0", {5, 6, 0, 0}, {7, 8, 0, 0}}};
  EXPECT_EQ(usage, expected);
}

TEST(InterfaceUsage, WhatIsNoLineOfAnInterfaceIsPassedOver) {
  EXPECT_TRUE(parse_net_dev("").empty());
  EXPECT_TRUE(parse_net_dev(kHead).empty());
  EXPECT_TRUE(parse_net_dev(":\n  : 1 2\neth0: 1 2 3\neth1: a b c d e f g h i j k l\n").empty());
}

TEST(InterfaceUsage, AProcessThatIsGoneHasNone) { EXPECT_TRUE(interface_usage_of(-1).empty()); }

}  // namespace
}  // namespace podvisor
