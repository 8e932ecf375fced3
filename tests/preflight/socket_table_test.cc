#include <gtest/gtest.h>

#include <sstream>

#include "runtime/preflight/port_holder.h"

namespace podvisor {
namespace {

constexpr const char* kTable =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n"
    "   0: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0\n"
    "   1: 0200007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0\n"
    "   2: garbage\n"
    "   3: XYZ:1F91 00000000:0000 0A\n"
    "   4: 00000000000000000000000001000000:1F92 00000000000000000000000000000000:0000 0A 0\n";

std::string find(std::uint16_t port) {
  std::istringstream table(kTable);
  return find_in_socket_table(table, "0A", port).value_or("none");
}

TEST(SocketTable, ListenersAreFoundByPort) {
  EXPECT_EQ(find(8080), "127.0.0.2:8080");
  EXPECT_EQ(find(8082), "[::1]:8082");
}

TEST(SocketTable, ConnectionsAndGarbageAreNotListeners) {
  EXPECT_EQ(find(8081), "none");
  EXPECT_EQ(find(50000), "none");
  std::istringstream empty;
  EXPECT_EQ(find_in_socket_table(empty, "0A", 0), std::nullopt);
}

}  // namespace
}  // namespace podvisor
