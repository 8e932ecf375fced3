#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include "logs/temporary_directory.h"
#include "podvisor/fd.h"
#include "runtime/volumes/remove_tree.h"
#include "volumes/mount_namespace.h"

namespace podvisor {
namespace {

namespace fs = std::filesystem;

/// In a tmpfs of its own: thousands of directories take a disk half a minute.
class RemoveTree : public MountNamespaceTest {
 protected:
  void SetUp() override {
    MountNamespaceTest::SetUp();
    if (IsSkipped()) return;
    ASSERT_EQ(::mount("", directory_.path().c_str(), "tmpfs", 0, nullptr), 0);
    fs::create_directory(tree_);
    root_.reset(::open(directory_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }
  void TearDown() override { ::umount2(directory_.path().c_str(), MNT_DETACH); }
  [[nodiscard]] Status remove() const { return remove_tree_at(root_.get(), "tree"); }

  TemporaryDirectory directory_;
  std::string tree_ = directory_ / "tree";
  Fd root_;
};

TEST_F(RemoveTree, DeletesFilesOfEveryKind) {
  append_to_file(tree_ + "/file", "x");
  append_to_file(tree_ + "/.hidden", "x");
  ASSERT_EQ(::mkfifo((tree_ + "/fifo").c_str(), 0600), 0);
  fs::create_directories(tree_ + "/a/b/c");
  append_to_file(tree_ + "/a/b/c/file", "x");
  fs::create_directories(tree_ + "/closed/inner");
  fs::permissions(tree_ + "/closed", fs::perms(0));
  ASSERT_TRUE(remove());
  EXPECT_FALSE(fs::exists(tree_));
  EXPECT_TRUE(remove());  // nothing there: nothing to do
}

TEST_F(RemoveTree, DeletesLinksAndNotWhatTheyLeadTo) {
  fs::create_directory(directory_ / "precious");
  append_to_file(directory_ / "precious/file", "x");
  fs::create_symlink("../precious", tree_ + "/link");
  fs::create_directory(tree_ + "/inner");
  fs::create_symlink(directory_ / "precious", tree_ + "/inner/link");
  fs::create_symlink("/", tree_ + "/inner/root");
  ASSERT_TRUE(remove());
  EXPECT_FALSE(fs::exists(tree_));
  EXPECT_TRUE(fs::exists(directory_ / "precious/file"));
}

TEST_F(RemoveTree, ALinkInItsPlaceIsDeletedAlone) {
  fs::remove(tree_);
  fs::create_directory(directory_ / "precious");
  append_to_file(directory_ / "precious/file", "x");
  fs::create_symlink("precious", tree_);
  ASSERT_TRUE(remove());
  EXPECT_FALSE(fs::is_symlink(tree_));
  EXPECT_TRUE(fs::exists(directory_ / "precious/file"));
}

TEST_F(RemoveTree, DepthBeyondEveryPathLengthIsNoProblem) {
  Fd at(::open(tree_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const std::string name(200, 'd');
  for (int i = 0; i < 3'000; ++i) {
    ASSERT_EQ(::mkdirat(at.get(), name.c_str(), 0700), 0);
    ASSERT_EQ(::mkdirat(at.get(), "side", 0700), 0);
    at.reset(::openat(at.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    ASSERT_TRUE(at);
  }
  at.reset();
  const Status removed = remove();
  EXPECT_TRUE(removed) << removed.error().message;
  EXPECT_FALSE(fs::exists(tree_));
}

TEST_F(RemoveTree, ManyFilesInManyDirectories) {
  for (int i = 0; i < 40; ++i) {
    const std::string inner = tree_ + "/" + std::to_string(i) + "/x/y";
    fs::create_directories(inner);
    for (int j = 0; j < 50; ++j) append_to_file(inner + "/" + std::to_string(j), "");
  }
  ASSERT_TRUE(remove());
  EXPECT_FALSE(fs::exists(tree_));
}

TEST_F(RemoveTree, NamesThatItUsesItselfAreNoProblem) {
  fs::create_directories(tree_ + "/.podvisor-removed-1/x/.podvisor-removed-1/x");
  fs::create_directories(tree_ + "/a/.podvisor-removed-2/x");
  append_to_file(tree_ + "/.podvisor-removed-3", "");
  ASSERT_TRUE(remove());
  EXPECT_FALSE(fs::exists(tree_));
}

TEST_F(RemoveTree, WhatIsMountedInsideStays) {
  fs::create_directory(directory_ / "elsewhere");
  append_to_file(directory_ / "elsewhere/file", "x");
  fs::create_directories(tree_ + "/mounted");
  fs::create_directories(tree_ + "/plain/inner");
  ASSERT_EQ(::mount((directory_ / "elsewhere").c_str(), (tree_ + "/mounted").c_str(), nullptr,
                    MS_BIND, nullptr),
            0);
  const Status removed = remove();
  ASSERT_FALSE(removed);
  EXPECT_THAT(removed.error().message, testing::HasSubstr("mounted"));
  EXPECT_TRUE(fs::exists(directory_ / "elsewhere/file"));
  EXPECT_FALSE(fs::exists(tree_ + "/plain"));
  ASSERT_EQ(::umount2((tree_ + "/mounted").c_str(), 0), 0);
  EXPECT_TRUE(remove());
  EXPECT_FALSE(fs::exists(tree_));
}

}  // namespace
}  // namespace podvisor
