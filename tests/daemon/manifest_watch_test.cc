#include "daemon/manifest_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace podvisor {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

class ManifestWatchTest : public testing::Test {
 protected:
  ManifestWatchTest() {
    std::string path = fs::temp_directory_path() / "podvisor-watch-XXXXXX";
    directory_ = ::mkdtemp(path.data());
    watch_ = *ManifestWatch::open(loop_, directory_, [this](const auto& names) {
      seen_.insert(seen_.end(), names.begin(), names.end());
      ++told_;
      loop_.stop();
    });
  }
  ~ManifestWatchTest() override { fs::remove_all(directory_); }

  Loop loop_;
  std::string directory_;
  std::vector<std::string> seen_;
  int told_ = 0;
  std::unique_ptr<ManifestWatch> watch_;
};

TEST_F(ManifestWatchTest, AFileIsReportedOnceItsWriterIsDone) {
  std::ofstream file(directory_ + "/web.yaml");
  file << "half" << std::flush;
  uv_run(loop_.raw(), UV_RUN_NOWAIT);
  EXPECT_TRUE(seen_.empty());
  file << " whole";
  file.close();
  loop_.run();
  EXPECT_THAT(seen_, ElementsAre("web.yaml"));
}

TEST_F(ManifestWatchTest, WhatChangedTogetherIsReportedTogether) {
  std::ofstream(directory_ + "/b-config.yaml") << "x";
  std::ofstream(directory_ + "/a-pod.yaml") << "x";
  loop_.run();
  EXPECT_THAT(seen_, ElementsAre("a-pod.yaml", "b-config.yaml"));
  EXPECT_EQ(told_, 1);
}

TEST_F(ManifestWatchTest, ARenameReportsBothNamesARemovalTheOne) {
  std::ofstream(directory_ + "/a.yaml") << "x";
  loop_.run();
  seen_.clear();
  fs::rename(directory_ + "/a.yaml", directory_ + "/b.yaml");
  loop_.run();
  EXPECT_THAT(seen_, ElementsAre("a.yaml", "b.yaml"));
  seen_.clear();
  fs::remove(directory_ + "/b.yaml");
  loop_.run();
  EXPECT_THAT(seen_, ElementsAre("b.yaml"));
}

TEST(ManifestWatch, ADirectoryThatIsNotThereIsAnErrorThatNamesIt) {
  Loop loop;
  const auto watch = ManifestWatch::open(loop, "/nonexistent/manifests", [](const auto&) {});
  ASSERT_FALSE(watch);
  EXPECT_EQ(
      watch.error().message,
      "cannot watch the manifest directory /nonexistent/manifests: No such file or directory");
}

/// While it lives this process can open nothing more.
struct NoDescriptors {
  NoDescriptors() {
    ::getrlimit(RLIMIT_NOFILE, &before);
    const int next = ::dup(0);
    ::close(next);
    const rlimit none{static_cast<rlim_t>(next), before.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &none);
  }
  ~NoDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before); }
  rlimit before{};
};

TEST_F(ManifestWatchTest, WithoutAWatchItLooksUntilThereIsOne) {
#ifdef PODVISOR_SANITIZED
  GTEST_SKIP() << "UBSan looks at an object through a pipe, which takes descriptors";
#endif
  {
    const NoDescriptors short_of_everything;
    auto watch = ManifestWatch::open(loop_, directory_, [this](const auto& names) {
      seen_.insert(seen_.end(), names.begin(), names.end());
      loop_.stop();
    });
    ASSERT_TRUE(watch) << watch.error().message;
    watch_ = std::move(*watch);
  }
  loop_.run();
  EXPECT_THAT(seen_, ElementsAre(""));
  seen_.clear();
  std::ofstream(directory_ + "/a.yaml") << "x";
  loop_.run();
  EXPECT_THAT(seen_, ElementsAre("a.yaml"));
}

}  // namespace
}  // namespace podvisor
