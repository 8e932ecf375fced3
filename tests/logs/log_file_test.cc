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
  [[nodiscard]] std::vector<std::string> rotated() const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(directory_.path()))
      if (entry.path().filename() != "0.log") found.push_back(entry.path().filename());
    return found;
  }

  TemporaryDirectory directory_;
  std::string path_ = directory_ / "0.log";
  Loop loop_;
  std::unique_ptr<LogFile> log_;
};

TEST_F(LogFileTest, LOG5_IsRotatedOnceItHasGrown) {
  open({.max_size = 8, .max_files = 5});
  log_->write("short\n");
  loop_.run();
  EXPECT_THAT(rotated(), IsEmpty());
  log_->write("longer\n");
  loop_.run();  // until the other thread is done
  ASSERT_THAT(rotated(), SizeIs(1));
  EXPECT_TRUE(std::regex_match(rotated()[0], std::regex(R"(0\.log\.\d{8}-\d{6})"))) << rotated()[0];
  log_->write("new\n");
  EXPECT_EQ(read_whole_file(directory_ / rotated()[0]), "short\nlonger\n");
  EXPECT_EQ(read_whole_file(path_), "new\n");
}

TEST_F(LogFileTest, LOG5_WhatIsWrittenMeanwhileIsNotLost) {
  open({.max_size = 8, .max_files = 5});
  log_->write("0123456789\n");
  log_->write("while it is prepared\n");
  loop_.run();
  ASSERT_THAT(rotated(), SizeIs(1));
  EXPECT_EQ(read_whole_file(directory_ / rotated()[0]), "0123456789\nwhile it is prepared\n");
}

TEST_F(LogFileTest, LOG5_AnEarlierSizeCounts) {
  append_to_file(path_, "0123456789\n");
  open({.max_size = 12, .max_files = 5});
  log_->write("x\n");
  loop_.run();
  EXPECT_THAT(rotated(), SizeIs(1));
}

TEST_F(LogFileTest, LOG5_ANegativeSizeIsNoLimit) {
  open({.max_size = -1, .max_files = 5});
  log_->write("0123456789\n");
  loop_.run();
  EXPECT_THAT(rotated(), IsEmpty());
}

TEST_F(LogFileTest, LOG5_TwiceInASecondItIsNotRotated) {
  open({.max_size = 4, .max_files = 5});
  log_->write("first\n");
  loop_.run();
  log_->write("second\n");
  loop_.run();
  EXPECT_THAT(rotated(), SizeIs(1));
  EXPECT_EQ(read_whole_file(path_), "second\n");
}

/// With no descriptor left neither the preparation nor the new file can be had.
TEST_F(LogFileTest, LOG6_ARotationThatFailsLeavesTheLogAsItWas) {
  open({.max_size = 4, .max_files = 5});
  const std::string away = directory_.path() + ".away";
  std::filesystem::rename(directory_.path(), away);
  log_->write("first\n");
  loop_.run();
  std::filesystem::rename(away, directory_.path());
  EXPECT_THAT(rotated(), IsEmpty());
  log_->write("second\n");
  EXPECT_EQ(read_whole_file(path_), "first\nsecond\n");
}

TEST_F(LogFileTest, LOG6_OneThatEndsMeanwhileLeavesItsFiles) {
  open({.max_size = 4, .max_files = 5});
  log_->write("first\n");
  log_.reset();
  loop_.run();
  EXPECT_THAT(rotated(), IsEmpty());
  EXPECT_EQ(read_whole_file(path_), "first\n");
}

}  // namespace
}  // namespace podvisor
