#include "runtime/volumes/mount_table.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <sstream>

#include "podvisor/fd.h"

namespace podvisor {
namespace {

TEST(MountTable, VOL13_ReadsWhereMountsShowUp) {
  std::istringstream text(
      "22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw\n"
      "23 22 0:5 / /proc rw shared:5 - proc proc rw\n"
      "24 22 0:6 / /a\\040b\\134c rw,nosuid master:7 propagate_from:2 - tmpfs tmpfs rw\n"
      "25 22 0:7 / /both rw shared:8 master:9 - tmpfs shared:1 rw\n"
      "\n"
      "no mount\n");
  const auto entries = parse_mount_table(text);
  ASSERT_EQ(entries.size(), 4U);
  EXPECT_EQ(entries[0].id, 22U);
  EXPECT_EQ(entries[0].point, "/");
  EXPECT_FALSE(entries[0].shared || entries[0].slave);
  EXPECT_TRUE(entries[1].shared && !entries[1].slave);
  EXPECT_EQ(entries[2].point, "/a b\\c");
  EXPECT_TRUE(!entries[2].shared && entries[2].slave);
  EXPECT_TRUE(entries[3].shared && entries[3].slave);
}

TEST(MountTable, FindsTheMountOfAnOpenFile) {
  const Fd file(::open("/proc/self/stat", O_PATH | O_CLOEXEC));
  const auto on = mount_of(file.get());
  ASSERT_TRUE(on) << on.error().message;
  EXPECT_EQ(on->point, "/proc");
}

}  // namespace
}  // namespace podvisor
