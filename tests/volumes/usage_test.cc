#include "runtime/volumes/usage.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "logs/temporary_directory.h"
#include "podvisor/fd.h"

namespace podvisor {
namespace {

namespace fs = std::filesystem;

class UsageTest : public testing::Test {
 protected:
  UsageTest() { fs::create_directory(volume_); }

  VolumeUsage measure(const MeasureLimits& limits = {}) {
    const auto usage = measure_volume(volume_, limits, stop_);
    EXPECT_TRUE(usage) << usage.error().message;
    return usage.value_or(VolumeUsage{});
  }
  std::int64_t bytes() { return measure().bytes; }

  TemporaryDirectory directory_;
  std::string volume_ = directory_ / "volume";
  std::atomic<bool> stop_ = false;
};

TEST_F(UsageTest, VOL3_CountsWhatLiesOnDisk) {
  const std::int64_t before = bytes();
  append_to_file(volume_ + "/file", std::string(1 << 20, 'x'));
  fs::create_directories(volume_ + "/a/b");
  append_to_file(volume_ + "/a/b/file", std::string(1 << 20, 'x'));
  EXPECT_GE(bytes() - before, 2 << 20);
  EXPECT_LT(bytes() - before, 3 << 20);
  EXPECT_TRUE(measure().complete);
}

TEST_F(UsageTest, VOL3_AFileWithSeveralNamesIsCountedOnce) {
  append_to_file(volume_ + "/file", std::string(1 << 20, 'x'));
  const std::int64_t before = bytes();
  for (int i = 0; i < 3; ++i)
    fs::create_hard_link(volume_ + "/file", volume_ + "/" + std::to_string(i));
  EXPECT_LT(bytes() - before, 1 << 20);
}

TEST_F(UsageTest, VOL3_AHoleTakesNoRoom) {
  const std::int64_t before = bytes();
  append_to_file(volume_ + "/file", "");
  ASSERT_EQ(::truncate((volume_ + "/file").c_str(), 1 << 30), 0);
  EXPECT_LT(bytes() - before, 1 << 20);
}

TEST_F(UsageTest, VOL3_LinksAreNotFollowed) {
  fs::create_directory(directory_ / "outside");
  append_to_file(directory_ / "outside/big", std::string(8 << 20, 'x'));
  fs::create_symlink(directory_ / "outside", volume_ + "/folder");
  fs::create_symlink(directory_ / "outside/big", volume_ + "/file");
  EXPECT_LT(bytes(), 1 << 20);
  fs::create_symlink(volume_, directory_ / "link");
  EXPECT_FALSE(measure_volume(directory_ / "link", {}, stop_));
}

TEST_F(UsageTest, VOL3_DeeperThanAnyPathIsCountedToo) {
  // 30,000 bytes of path; the kernel takes 4,096 at a time.
  Fd at(::open(volume_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const std::string name(200, 'd');
  int levels = 0;
  for (; levels < 150; ++levels) {
    ASSERT_EQ(::mkdirat(at.get(), name.c_str(), 0700), 0);
    at.reset(::openat(at.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    ASSERT_TRUE(at);
  }
  const Fd file(::openat(at.get(), "file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  const std::string content(1 << 20, 'x');
  ASSERT_EQ(::write(file.get(), content.data(), content.size()), 1 << 20);
  EXPECT_GE(bytes(), 1 << 20);
  EXPECT_TRUE(measure().complete);
}

TEST_F(UsageTest, VOL3_WhatIsTooDeepIsSaid) {
  Fd at(::open(volume_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const std::string name(250, 'd');
  for (int levels = 0; levels < 200; ++levels) {
    ASSERT_EQ(::mkdirat(at.get(), name.c_str(), 0700), 0);
    at.reset(::openat(at.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }
  EXPECT_FALSE(measure().complete);
}

TEST_F(UsageTest, VOL3_MeasuringIsBounded) {
  for (int i = 0; i < 200; ++i) fs::create_directory(volume_ + "/" + std::to_string(i));
  EXPECT_TRUE(measure().complete);
  MeasureLimits few;
  few.entries = 10;
  EXPECT_FALSE(measure(few).complete);
  MeasureLimits little;
  little.memory = 1000;
  EXPECT_FALSE(measure(little).complete);
  for (const char* file : {"/0/file", "/1/file"})
    append_to_file(volume_ + file, std::string(1 << 20, 'x'));
  MeasureLimits enough;
  enough.enough = 0;
  EXPECT_LT(measure(enough).bytes, 2 << 20) << "there was no need to go on";
  EXPECT_TRUE(measure(enough).complete);
  stop_ = true;
  EXPECT_LT(bytes(), 1 << 20);
}

TEST_F(UsageTest, VOL3_WhatVanishedIsNoVolume) {
  EXPECT_FALSE(measure_volume(directory_ / "none", {}, stop_));
}

}  // namespace
}  // namespace podvisor
