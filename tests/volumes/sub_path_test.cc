#include "runtime/volumes/sub_path.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <linux/fs.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <array>
#include <atomic>
#include <climits>
#include <thread>

#include "logs/temporary_directory.h"

namespace podvisor {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

std::string expanded(const std::string& expression) {
  VolumeMount mount;
  mount.name = "logs";
  mount.sub_path_expr = expression;
  const auto mounts = with_sub_paths({mount}, {"POD=web-1", "EMPTY=", "UP=../x", "ROOT=/etc"});
  return mounts ? mounts->at(0).sub_path : mounts.error().message;
}

TEST(SubPath, VOL9_IsExpandedWithTheEnvironment) {
  EXPECT_EQ(expanded("logs/$(POD)/x"), "logs/web-1/x");
  EXPECT_EQ(expanded("$$(POD)"), "$(POD)");
  EXPECT_EQ(expanded("plain"), "plain");
}

TEST(SubPath, VOL9_AnUnknownOrEmptyVariableIsAnError) {
  EXPECT_EQ(expanded("$(POD)/$(NONE)/$(EMPTY)"),
            "failed to expand subPath for volumeMount \"logs\": missing value for EMPTY, NONE");
}

TEST(SubPath, VOL9_TheResultStaysBelowTheVolume) {
  EXPECT_EQ(expanded("$(ROOT)"),
            "unable to provision SubPath `/etc`: it must not be an absolute path");
  EXPECT_EQ(expanded("a/$(UP)"), "unable to provision SubPath `a/../x`: it must not contain '..'");
  EXPECT_EQ(expanded("a..b/..c"), "a..b/..c");
}

class SubPathFiles : public testing::Test {
 protected:
  SubPathFiles() {
    fs::create_directories(volume_);
    fs::create_directories(outside_);
    root_.reset(::open(volume_.c_str(), O_PATH | O_CLOEXEC));
  }

  /// Where it leads, relative to the volume, or the error.
  std::string open(const std::string& path) {
    const auto opened = open_sub_path(root_.get(), path);
    return opened ? path_of(*opened) : opened.error().message;
  }
  [[nodiscard]] std::string path_of(const Fd& fd) const {
    std::array<char, PATH_MAX> path{};
    const ssize_t size =
        ::readlink(("/proc/self/fd/" + std::to_string(fd.get())).c_str(), path.data(), path.size());
    const std::string found(path.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    return found.starts_with(volume_ + "/") ? found.substr(volume_.size() + 1) : "!" + found;
  }

  TemporaryDirectory directory_;
  std::string volume_ = directory_ / "volume";
  std::string outside_ = directory_ / "outside";
  Fd root_;
};

TEST_F(SubPathFiles, VOL10_WhatIsThereIsTaken) {
  fs::create_directories(volume_ + "/a/b");
  append_to_file(volume_ + "/a/file", "");
  EXPECT_EQ(open("a/b"), "a/b");
  EXPECT_EQ(open("a//b/."), "a/b");
  EXPECT_EQ(open("a/file"), "a/file");
}

TEST_F(SubPathFiles, VOL10_WhatIsMissingIsMadeWithTheVolumesMode) {
  ASSERT_EQ(::chmod(volume_.c_str(), 02770), 0);
  EXPECT_EQ(open("a/b"), "a/b");
  for (const char* made : {"/a", "/a/b"}) {
    struct stat facts {};
    ASSERT_EQ(::stat((volume_ + made).c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & mode_t{07777}, mode_t{02770}) << made;
  }
}

TEST_F(SubPathFiles, VOL10_LinksAreFollowedInsideAlone) {
  fs::create_directories(volume_ + "/a/b");
  fs::create_symlink("../c", volume_ + "/a/up");
  fs::create_directory(volume_ + "/c");
  fs::create_symlink(outside_, volume_ + "/absolute");
  fs::create_symlink("../outside", volume_ + "/relative");
  fs::create_symlink("/proc/self/root", volume_ + "/magic");
  EXPECT_EQ(open("a/up"), "c");
  EXPECT_EQ(open("a/up/new"), "c/new");
  for (const char* path :
       {"absolute", "relative", "absolute/new", "relative/new/x", "magic/etc", "a/../../outside"})
    EXPECT_THAT(open(path), HasSubstr("leads out of the volume")) << path;
  EXPECT_TRUE(fs::is_empty(outside_));
}

TEST_F(SubPathFiles, VOL10_ALinkThatLeadsNowhereIsNotMadeToLeadSomewhere) {
  fs::create_symlink("nowhere", volume_ + "/link");
  EXPECT_THAT(open("link"), HasSubstr("opening link: No such file"));
  EXPECT_THAT(open("link/x"), HasSubstr("opening link: No such file"));
  EXPECT_FALSE(fs::exists(volume_ + "/nowhere"));
}

TEST_F(SubPathFiles, VOL10_AFileHasNothingBelow) {
  append_to_file(volume_ + "/file", "");
  EXPECT_THAT(open("file/x"), HasSubstr("Not a directory"));
}

/// A container that turns a folder into a link to elsewhere and back as fast as it can.
class Swapper {
 public:
  Swapper(const std::string& folder, const std::string& link)
      : thread_([this, folder, link] {
          while (!stop_) {
            ::syscall(SYS_renameat2, AT_FDCWD, folder.c_str(), AT_FDCWD, link.c_str(),
                      RENAME_EXCHANGE);
            ++swaps_;
          }
        }) {
    while (swaps_ == 0) std::this_thread::yield();
  }
  ~Swapper() {
    stop_ = true;
    thread_.join();
  }
  [[nodiscard]] int swaps() const { return swaps_; }

 private:
  std::atomic<bool> stop_ = false;
  std::atomic<int> swaps_ = 0;
  std::thread thread_;
};

TEST_F(SubPathFiles, VOL10_AContainerThatSwapsFoldersForLinksGetsNothingOutside) {
  fs::create_directories(volume_ + "/a");
  fs::create_symlink(outside_, volume_ + "/link");
  fs::create_directories(outside_ + "/precious");
  int inside = 0;
  int refused = 0;
  {
    const Swapper swapper(volume_ + "/a", volume_ + "/link");
    for (int i = 0; i < 5000 || ((inside == 0 || refused == 0) && i < 1'000'000); ++i) {
      const std::string made = "a/made" + std::to_string(i % 7);
      const auto opened = open_sub_path(root_.get(), i % 2 == 0 ? "a/precious" : made);
      (opened ? inside : refused) += 1;
      const std::string at = opened ? path_of(*opened) : "";
      ASSERT_FALSE(at.starts_with("!")) << at;
    }
  }
  EXPECT_GT(inside, 0);
  EXPECT_GT(refused, 0);
  EXPECT_EQ(std::distance(fs::directory_iterator(outside_), fs::directory_iterator{}), 1)
      << "something was made outside";
}

}  // namespace
}  // namespace podvisor
