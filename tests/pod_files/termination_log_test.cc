#include "runtime/pod_files/termination_log.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "log/cri_line.h"
#include "logs/temporary_directory.h"
#include "runtime/pod_files/standing_mount_point.h"

namespace podvisor {
namespace {

namespace fs = std::filesystem;

class TerminationLog : public testing::Test {
 protected:
  std::string make(int instance = 0) {
    auto path = make_termination_log(directory_ / "", "main", instance);
    EXPECT_TRUE(path) << path.error().message;
    return path.value_or("");
  }
  static std::string entry(const std::string& content, bool full = true) {
    return format_cri_header(WallTime{}, LogStream::Stdout, full) + content + "\n";
  }

  TemporaryDirectory directory_;
};

TEST_F(TerminationLog, MSG1_AFreshEmptyFileThatAnyUserMayWrite) {
  const std::string path = make();
  std::ofstream(path) << "of an earlier run";
  EXPECT_EQ(make(), path);
  struct stat facts {};
  ASSERT_EQ(::stat(path.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode, static_cast<mode_t>(S_IFREG | 0666));
  EXPECT_EQ(facts.st_size, 0);
  EXPECT_NE(make(1), path);
}

TEST_F(TerminationLog, MSG2_TheLast4096BytesAreTheMessage) {
  const std::string path = make();
  std::ofstream(path) << "x" << std::string(4095, 'y') << "z";
  EXPECT_EQ(read_termination_message(path), std::string(4095, 'y') + "z");
  EXPECT_EQ(read_termination_message(path), std::string(4095, 'y') + "z") << "it stays";
  fs::remove(path);
  EXPECT_EQ(read_termination_message(path), "");
}

TEST_F(TerminationLog, MSG2_AFileOfAnySizeCostsTheSame) {
  const std::string path = make();
  fs::resize_file(path, std::uintmax_t{10} << 30U);
  std::ofstream(path, std::ios::app) << "the end";
  const std::string message = read_termination_message(path);
  EXPECT_EQ(message.size(), 4096U);
  EXPECT_TRUE(message.ends_with("the end"));
}

TEST_F(TerminationLog, MSG2_WhatIsNoFileAnyMoreIsNotRead) {
  const std::string fifo = directory_ / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0666), 0);
  EXPECT_EQ(read_termination_message(fifo), "");
  std::ofstream(directory_ / "elsewhere") << "secret";
  fs::create_symlink(directory_ / "elsewhere", directory_ / "link");
  EXPECT_EQ(read_termination_message(directory_ / "link"), "");
  EXPECT_TRUE(fs::exists(directory_ / "elsewhere"));
}

TEST_F(TerminationLog, MSG3_TheLast80LinesWithoutTheirPrefixes) {
  std::string log;
  for (int i = 0; i < 100; ++i) log += entry("line " + std::to_string(i));
  const std::string message = log_message_in(log);
  EXPECT_TRUE(message.starts_with("line 20\n")) << message.substr(0, 40);
  EXPECT_TRUE(message.ends_with("line 99\n"));
}

TEST_F(TerminationLog, MSG3_AtMost2048Bytes) {
  const std::string message = log_message_in(entry("begin") + entry(std::string(3000, 'x')));
  EXPECT_EQ(message, std::string(2047, 'x') + "\n");
}

TEST_F(TerminationLog, MSG3_PiecesOfALineAreOneLine) {
  EXPECT_EQ(log_message_in(entry("a", false) + entry("b", false) + entry("c") + entry("d", false)),
            "abc\nd");
  std::string pieces;
  for (int i = 0; i < 200; ++i) pieces += entry("x", false);
  EXPECT_EQ(log_message_in(pieces), std::string(200, 'x'));
}

TEST_F(TerminationLog, MSG3_ALongLogIsReadFromItsEnd) {
  const std::string path = directory_ / "0.log";
  std::ofstream log(path);
  for (int i = 0; i < 20000; ++i) log << entry("line " + std::to_string(i));
  log.close();
  const std::string message = log_message(path);
  EXPECT_TRUE(message.starts_with("line 19920\n")) << message.substr(0, 40);
  EXPECT_TRUE(message.ends_with("line 19999\n"));
  EXPECT_EQ(log_message(directory_ / "none"), "");
}

TEST_F(TerminationLog, MSG3_OneByteAnEntryStillFillsTheMessage) {
  const std::string path = directory_ / "0.log";
  std::ofstream log(path);
  for (int i = 0; i < 10000; ++i) log << entry("x", false);
  log.close();
  EXPECT_EQ(log_message(path), std::string(2048, 'x'));
}

TEST_F(TerminationLog, TheMountPointGoesWithTheLastWhoHoldsIt) {
  const std::string path = directory_ / "point";
  {
    StandingMountPoint first(path);
    {
      StandingMountPoint second(path);
      ASSERT_TRUE(first.hold() && second.hold());
    }
    EXPECT_TRUE(fs::exists(path));
    fs::remove(path);
    ASSERT_TRUE(first.hold());
    EXPECT_TRUE(fs::exists(path)) << "deleted by hand, it is made again";
  }
  EXPECT_FALSE(fs::exists(path));
}

TEST_F(TerminationLog, AMountPointWithContentIsSomebodys) {
  const std::string path = directory_ / "point";
  std::ofstream(path) << "content";
  { EXPECT_TRUE(StandingMountPoint(path).hold()); }
  EXPECT_TRUE(fs::exists(path));
}

TEST_F(TerminationLog, AMountPointIsLeftWhereContainersLiveOn) {
  const std::string path = directory_ / "point";
  {
    StandingMountPoint point(path);
    ASSERT_TRUE(point.hold());
    point.leave();
  }
  EXPECT_TRUE(fs::exists(path));
}

TEST_F(TerminationLog, ALinkOrADirectoryIsNoMountPoint) {
  fs::create_symlink(directory_ / "elsewhere", directory_ / "link");
  EXPECT_FALSE(StandingMountPoint(directory_ / "link").hold());
  EXPECT_FALSE(fs::exists(directory_ / "elsewhere"));
  EXPECT_FALSE(StandingMountPoint(directory_ / "").hold());
}

}  // namespace
}  // namespace podvisor
