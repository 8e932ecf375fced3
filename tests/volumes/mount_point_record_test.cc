#include "runtime/volumes/mount_point_record.h"

#include <gtest/gtest.h>

#include "logs/temporary_directory.h"
#include "runtime/volumes/mount_target.h"

namespace podvisor {
namespace {

namespace fs = std::filesystem;

class MountPoints : public testing::Test {
 protected:
  MountPoints() {
    for (const char* pod : {"a", "b"}) fs::create_directories(layout_.pod_state_dir(pod));
    fs::create_directory(host_);
  }
  /// Has the pod make a mount point below the host directory.
  std::string place(const char* pod, const std::string& path, bool directory = true) {
    auto record = MountPointRecord::load(layout_, pod);
    MountTargets targets(record.value());
    auto target = targets.place(host_ + path, directory);
    EXPECT_TRUE(target) << target.error().message;
    return target.value_or("");
  }
  [[nodiscard]] bool exists(const std::string& path) const { return fs::exists(host_ + path); }

  TemporaryDirectory directory_;
  Layout layout_{directory_ / "run", directory_ / "state"};
  std::string host_ = directory_ / "host";
};

TEST_F(MountPoints, AreMadeAndRemovedAgain) {
  EXPECT_EQ(place("a", "/x/y/z"), host_ + "/x/y/z");
  EXPECT_TRUE(fs::is_directory(host_ + "/x/y/z"));
  EXPECT_EQ(fs::status(host_ + "/x/y/z").permissions(), fs::perms(0755));
  ASSERT_TRUE(remove_mount_points(layout_, "a"));
  EXPECT_FALSE(exists("/x"));
  EXPECT_TRUE(exists(""));
}

TEST_F(MountPoints, OfFilesAreEmptyFiles) {
  place("a", "/x/file", false);
  EXPECT_TRUE(fs::is_regular_file(host_ + "/x/file"));
  ASSERT_TRUE(remove_mount_points(layout_, "a"));
  EXPECT_FALSE(exists("/x"));
}

TEST_F(MountPoints, ThatWereThereBeforeStay) {
  fs::create_directories(host_ + "/x/y");
  place("a", "/x/y");
  ASSERT_TRUE(remove_mount_points(layout_, "a"));
  EXPECT_TRUE(exists("/x/y"));
}

TEST_F(MountPoints, ThatSomebodyFilledStay) {
  place("a", "/x/y/z");
  place("a", "/x/file", false);
  append_to_file(host_ + "/x/y/theirs", "");
  append_to_file(host_ + "/x/file", "content");
  ASSERT_TRUE(remove_mount_points(layout_, "a"));
  EXPECT_FALSE(exists("/x/y/z"));
  EXPECT_TRUE(exists("/x/y/theirs"));
  EXPECT_EQ(read_whole_file(host_ + "/x/file"), "content");
}

TEST_F(MountPoints, ASharedOneIsRemovedByTheLastPod) {
  place("a", "/x/y");
  place("b", "/x/y");
  ASSERT_TRUE(remove_mount_points(layout_, "a"));
  EXPECT_TRUE(exists("/x/y"));
  ASSERT_TRUE(remove_mount_points(layout_, "b"));
  EXPECT_FALSE(exists("/x"));
}

TEST_F(MountPoints, ASharedParentIsRemovedByTheLastPod) {
  place("a", "/x/y");
  place("b", "/x/z");
  ASSERT_TRUE(remove_mount_points(layout_, "a"));
  EXPECT_FALSE(exists("/x/y"));
  EXPECT_TRUE(exists("/x/z"));
  ASSERT_TRUE(remove_mount_points(layout_, "b"));
  EXPECT_FALSE(exists("/x"));
}

TEST_F(MountPoints, OnesWithASimilarNameAreNotShared) {
  place("a", "/x");
  place("b", "/x-ray");
  ASSERT_TRUE(remove_mount_points(layout_, "a"));
  EXPECT_FALSE(exists("/x"));
  EXPECT_TRUE(exists("/x-ray"));
}

TEST_F(MountPoints, MayHaveAnyName) {
  place("a", "/new\nline\\ \xff");
  ASSERT_TRUE(remove_mount_points(layout_, "a"));
  EXPECT_TRUE(fs::is_empty(host_));
}

TEST_F(MountPoints, OnTheHostMayBeReachedThroughLinks) {
  fs::create_directory(host_ + "/real");
  fs::create_symlink("real", host_ + "/link");
  EXPECT_EQ(place("a", "/link/x"), host_ + "/real/x");
  ASSERT_TRUE(remove_mount_points(layout_, "a"));
  EXPECT_FALSE(exists("/real/x"));
  EXPECT_TRUE(fs::is_symlink(host_ + "/link"));
}

TEST_F(MountPoints, AreNotRemovedThroughALinkPutThereLater) {
  place("a", "/x/y");
  fs::create_directories(host_ + "/precious/y");
  fs::remove(host_ + "/x/y");
  fs::remove(host_ + "/x");
  fs::create_symlink("precious", host_ + "/x");
  EXPECT_FALSE(remove_mount_points(layout_, "a"));
  EXPECT_TRUE(exists("/precious/y"));
  EXPECT_TRUE(fs::is_symlink(host_ + "/x"));
}

TEST_F(MountPoints, ADamagedRecordRemovesNothingItDoesNotName) {
  place("a", "/x");
  append_to_file(layout_.pod_state_dir("a") + "/mount-points", "M" + host_);  // cut off: no NUL
  ASSERT_TRUE(remove_mount_points(layout_, "a"));
  EXPECT_TRUE(exists(""));
}

TEST_F(MountPoints, CannotReplaceTheRoot) {
  auto record = MountPointRecord::load(layout_, "a");
  MountTargets targets(record.value());
  EXPECT_FALSE(targets.place("/", true));
  EXPECT_FALSE(targets.place("", true));
  EXPECT_FALSE(targets.place("/usr/..", true));
}

TEST_F(MountPoints, OfAFileIsNotADirectoryNorTheReverse) {
  fs::create_directory(host_ + "/directory");
  append_to_file(host_ + "/file", "");
  auto record = MountPointRecord::load(layout_, "a");
  MountTargets targets(record.value());
  EXPECT_FALSE(targets.place(host_ + "/directory", false));
  EXPECT_FALSE(targets.place(host_ + "/file", true));
  EXPECT_FALSE(targets.place(host_ + "/file/below", true));
}

}  // namespace
}  // namespace podvisor
