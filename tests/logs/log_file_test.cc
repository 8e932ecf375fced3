#include "runtime/logs/log_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <regex>

#include "logs/temporary_directory.h"

namespace podvisor {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class LogFileTest : public testing::Test {
 protected:
  void open(LogRotation rotation) {
    log_.reset();
    auto opened = LogFile::open(loop_, path_, rotation);
    ASSERT_TRUE(opened) << opened.error().message;
    log_ = std::move(*opened);
  }
  void write(const std::string& entries) {
    log_->write(entries);
    log_->rotate_if_due();
  }
  [[nodiscard]] std::vector<std::string> rotated() const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(directory_.path()))
      if (entry.path().filename() != "0.log") found.push_back(entry.path().filename());
    std::ranges::sort(found);
    return found;
  }

  TemporaryDirectory directory_;
  std::string path_ = directory_ / "0.log";
  Loop loop_;
  std::unique_ptr<LogFile> log_;
};

TEST_F(LogFileTest, LOG5_IsRotatedOnceItHasGrown) {
  open({.max_size = 8, .max_files = 5});
  write("short\n");
  EXPECT_THAT(rotated(), IsEmpty());
  write("longer\n");
  ASSERT_THAT(rotated(), SizeIs(1));  // at once: nothing is waited for
  EXPECT_TRUE(std::regex_match(rotated()[0], std::regex(R"(0\.log\.\d{8}-\d{6})"))) << rotated()[0];
  write("new\n");
  EXPECT_EQ(read_whole_file(directory_ / rotated()[0]), "short\nlonger\n");
  EXPECT_EQ(read_whole_file(path_), "new\n");
  loop_.run();
}

TEST_F(LogFileTest, LOG5_NotBeforeItIsSaid) {
  open({.max_size = 8, .max_files = 5});
  log_->write("0123456789\n");
  EXPECT_THAT(rotated(), IsEmpty());
  EXPECT_EQ(log_->size(), 11);
  log_->rotate_if_due();
  EXPECT_THAT(rotated(), SizeIs(1));
  EXPECT_EQ(log_->size(), 0);
  loop_.run();
}

TEST_F(LogFileTest, LOG5_AnEarlierSizeCounts) {
  append_to_file(path_, "0123456789\n");
  open({.max_size = 12, .max_files = 5});
  write("x\n");
  EXPECT_THAT(rotated(), SizeIs(1));
  loop_.run();
}

TEST_F(LogFileTest, LOG5_ANegativeSizeIsNoLimit) {
  open({.max_size = -1, .max_files = 5});
  write("0123456789\n");
  EXPECT_THAT(rotated(), IsEmpty());
}

TEST_F(LogFileTest, LOG5_RightAfterItIsNotRotatedAgain) {
  open({.max_size = 4, .max_files = 5});
  write("first\n");
  write("second\n");
  EXPECT_THAT(rotated(), SizeIs(1));
  EXPECT_EQ(read_whole_file(path_), "second\n");
  loop_.run();
}

/// Faster than anything could be compressed.
TEST_F(LogFileTest, LOG5_HoweverMuchIsWrittenThereAreNoMoreFilesAndNoLargerOnes) {
  constexpr std::size_t kSize = 1 << 20;
  open({.max_size = kSize, .max_files = 3});
  const std::string entries(kSize / 2, 'x');
  int left = 40;
  ino_t current = 0;
  std::size_t largest = 0, files = 0;
  Timer step(loop_, [&] {
    struct stat facts {};
    if (::stat(path_.c_str(), &facts) == 0 && std::exchange(current, facts.st_ino) != facts.st_ino)
      if (--left == 0) return;
    largest = std::max(largest, static_cast<std::size_t>(log_->size()));
    if (log_->size() < static_cast<std::int64_t>(2 * kSize)) log_->write(entries);
    log_->rotate_if_due();
    files = std::max(files, rotated().size());
    step.start(std::chrono::milliseconds(10));
  });
  step.start(std::chrono::milliseconds(1));
  loop_.run();
  EXPECT_LE(largest, 2 * kSize);
  EXPECT_THAT(rotated(), SizeIs(2));
}

/// With no descriptor left neither can be had.
TEST_F(LogFileTest, LOG6_ARotationThatFailsLeavesTheLogAsItWas) {
  open({.max_size = 4, .max_files = 5});
  const std::string away = directory_.path() + ".away";
  std::filesystem::rename(directory_.path(), away);
  write("first\n");
  loop_.run();
  std::filesystem::rename(away, directory_.path());
  EXPECT_THAT(rotated(), IsEmpty());
  write("second\n");
  EXPECT_EQ(read_whole_file(path_), "first\nsecond\n");
}

TEST_F(LogFileTest, LOG6_OneThatEndsWhileOldFilesAreCompressedLeavesThem) {
  const std::string old = path_ + ".20261126-100000";
  append_to_file(old, std::string(64 << 20, 'x'));
  open({.max_size = 4, .max_files = 5});
  write("first\n");
  log_.reset();
  loop_.run();
  EXPECT_THAT(rotated(), SizeIs(2));
  EXPECT_EQ(rotated()[0], std::filesystem::path(old).filename());
}

}  // namespace
}  // namespace podvisor
