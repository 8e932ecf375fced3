#include "daemon/host_door.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

namespace podvisor {
namespace {

struct NobodyListens final : DoorEvents {
  void on_drained(const std::string&, const std::string&, std::uint64_t) override {}
  void on_checked(std::uint64_t, int, const std::string&) override {}
  void on_sockets_wanted(const std::string&, const std::string&, unsigned) override {}
  void on_load(const EndpointLoad&) override {}
};

/// It was our child before an upgrade, and ended before this podvisor looked for it.
TEST(HostDoor, OneThatIsFoundDeadIsReaped) {
  const pid_t dead = ::fork();
  if (dead == 0) ::_exit(0);
  siginfo_t ended;
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(dead), &ended, WEXITED | WNOWAIT), 0);
  Loop loop;
  const std::string nowhere = std::filesystem::temp_directory_path() / "podvisor-test-no-door";
  HostDoor door(loop, DoorSettings{.door_path = "", .directory = nowhere, .user = 0});
  NobodyListens events;
  door.connect(events);
  EXPECT_TRUE(door.adopt().empty());
  EXPECT_EQ(::waitpid(dead, nullptr, WNOHANG), -1) << "a zombie is left";
}

}  // namespace
}  // namespace podvisor
