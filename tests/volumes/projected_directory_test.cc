#include "runtime/volumes/projected_directory.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <atomic>
#include <regex>
#include <thread>

#include "logs/temporary_directory.h"
#include "podvisor/fd.h"

namespace podvisor {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

class ProjectedDirectory : public testing::Test {
 protected:
  ProjectedDirectory() {
    fs::create_directory(volume_);
    directory_fd_.reset(::open(volume_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }

  bool write(const Projection& projection) {
    const auto written = write_projection(directory_fd_.get(), projection, std::nullopt);
    EXPECT_TRUE(written) << written.error().message;
    return written.value_or(false);
  }
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(volume_))
      names.push_back(entry.path().filename());
    return names;
  }
  [[nodiscard]] std::string generation() const { return fs::read_symlink(volume_ + "/..data"); }
  [[nodiscard]] std::string read(const std::string& path) const {
    return read_whole_file(volume_ + "/" + path);
  }

  TemporaryDirectory directory_;
  std::string volume_ = directory_ / "volume";
  Fd directory_fd_;
};

TEST_F(ProjectedDirectory, VOL6_IsLaidOutAsKubeletDoes) {
  EXPECT_TRUE(write({{"app.conf", {"A", 0640}}, {"etc/x/y", {"Y", 0400}}, {"etc/z", {"Z", 0644}}}));
  EXPECT_THAT(names(), UnorderedElementsAre(generation(), "..data", "app.conf", "etc"));
  EXPECT_TRUE(std::regex_match(generation(),
                               std::regex(R"(\.\.\d{4}_\d{2}_\d{2}_\d{2}_\d{2}_\d{2}\.\d{9})")))
      << generation();
  EXPECT_EQ(fs::read_symlink(volume_ + "/app.conf"), "..data/app.conf");
  EXPECT_EQ(fs::read_symlink(volume_ + "/etc"), "..data/etc");
  EXPECT_EQ(read("app.conf"), "A");
  EXPECT_EQ(read("etc/x/y"), "Y");
  EXPECT_EQ(read("etc/z"), "Z");
  EXPECT_EQ(fs::status(volume_ + "/app.conf").permissions(), fs::perms(0640));
  EXPECT_EQ(fs::status(volume_ + "/etc/x/y").permissions(), fs::perms(0400));
  EXPECT_EQ(fs::status(volume_ + "/etc/x").permissions(), fs::perms(0755));
  EXPECT_EQ(fs::status(volume_ + "/" + generation()).permissions(), fs::perms(0755));
}

TEST_F(ProjectedDirectory, VOL6_ModesDoNotDependOnTheUmask) {
  const mode_t before = ::umask(077);
  write({{"a/b", {"", 0666}}});
  ::umask(before);
  EXPECT_EQ(fs::status(volume_ + "/a/b").permissions(), fs::perms(0666));
  EXPECT_EQ(fs::status(volume_ + "/a").permissions(), fs::perms(0755));
}

TEST_F(ProjectedDirectory, VOL6_NothingIsWrittenWhenNothingChanged) {
  const Projection projection{{"a", {"A", 0644}}, {"d/b", {"B", 0600}}};
  EXPECT_TRUE(write(projection));
  const std::string before = generation();
  EXPECT_FALSE(write(projection));
  EXPECT_EQ(generation(), before);
}

TEST_F(ProjectedDirectory, VOL6_AnyDifferenceIsANewGeneration) {
  const Projection first{{"a", {"A", 0644}}, {"d/b", {"B", 0600}}};
  const std::vector<Projection> others{
      {{"a", {"C", 0644}}, {"d/b", {"B", 0600}}},    // content
      {{"a", {"AA", 0644}}, {"d/b", {"B", 0600}}},   // size
      {{"a", {"A", 0600}}, {"d/b", {"B", 0600}}},    // mode
      {{"a", {"A", 0644}}},                          // one less
      {{"a", {"A", 0644}}, {"d/c", {"B", 0600}}},    // another name
      {{"a", {"A", 0644}}, {"d/b/e", {"B", 0600}}},  // a folder for a file
      {{"a", {"A", 0644}}, {"d/b", {"B", 0600}}, {"n", {"", 0644}}},
      {}};
  for (const Projection& other : others) {
    write(first);
    const std::string before = generation();
    EXPECT_TRUE(write(other));
    EXPECT_NE(generation(), before);
    for (const auto& [path, file] : other) EXPECT_EQ(read(path), file.content);
  }
}

TEST_F(ProjectedDirectory, VOL6_NamesThatAreGoneAreGone) {
  write({{"a", {"A", 0644}}, {"d/b", {"B", 0600}}});
  write({{"c", {"C", 0644}}});
  std::vector<std::string> visible;
  for (const std::string& name : names())
    if (!name.starts_with("..")) visible.push_back(name);
  EXPECT_THAT(visible, ElementsAre("c"));
}

TEST_F(ProjectedDirectory, VOL6_OnlyTheGenerationBeforeIsKept) {
  for (int i = 0; i < 5; ++i) write({{"a", {std::to_string(i), 0644}}});
  EXPECT_EQ(names().size(), 4U) << testing::PrintToString(names());  // two, ..data and a
}

TEST_F(ProjectedDirectory, VOL6_WhatAKillLeftIsFinishedOrRemoved) {
  write({{"a", {"A", 0644}}});
  fs::remove(volume_ + "/a");
  fs::create_directory(volume_ + "/..2001_01_01_00_00_00.000000000");
  fs::create_symlink("..2001_01_01_00_00_00.000000000", volume_ + "/..data_tmp");
  EXPECT_FALSE(write({{"a", {"A", 0644}}}));
  EXPECT_EQ(read("a"), "A");
  EXPECT_TRUE(write({{"a", {"B", 0644}}}));
  EXPECT_EQ(read("a"), "B");
  EXPECT_EQ(names().size(), 4U) << testing::PrintToString(names());
}

TEST_F(ProjectedDirectory, VOL6_AFailedWriteLeavesTheOldAndNoTrace) {
  write({{"a", {"A", 0644}}});
  const auto before = names();
  const auto written = write_projection(directory_fd_.get(),
                                        {{"b", {"B", 0644}}, {"b/c", {"C", 0644}}}, std::nullopt);
  ASSERT_FALSE(written);
  EXPECT_THAT(written.error().message, HasSubstr("writing b/c: "));
  EXPECT_THAT(names(), testing::UnorderedElementsAreArray(before));
  EXPECT_EQ(read("a"), "A");
}

TEST_F(ProjectedDirectory, VOL6_AReaderSeesAllOldOrAllNewAndNeverNothing) {
  const auto generation = [](int i) {
    return Projection{{"a", {std::string(static_cast<std::size_t>(1 + i % 3), 'x'), 0644}},
                      {"d/b", {std::to_string(i), 0644}}};
  };
  write(generation(0));
  std::atomic<bool> stop = false;
  std::atomic<int> rounds = 0;
  std::string torn;
  std::thread reader([&] {
    while (!stop && torn.empty()) {
      const Fd data(::open((volume_ + "/..data").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
      const std::string at = "/proc/self/fd/" + std::to_string(data.get());
      const std::string b = read_whole_file(at + "/d/b");
      const std::string a = read_whole_file(at + "/a");
      const Fd visible(::open((volume_ + "/a").c_str(), O_RDONLY | O_CLOEXEC));
      if (!data || b.empty() || !visible || static_cast<int>(a.size()) != 1 + std::stoi(b) % 3)
        torn = "a=" + a + " b=" + b;
      ++rounds;
    }
  });
  for (int i = 1; i < 150 || (rounds < 150 && i < 100'000 && torn.empty()); ++i) {
    write(generation(i));
    const int seen = rounds;  // a reader is not slower than two updates
    while (rounds == seen && torn.empty()) std::this_thread::yield();
  }
  stop = true;
  reader.join();
  EXPECT_EQ(torn, "");
  EXPECT_GE(rounds, 150);
}

}  // namespace
}  // namespace podvisor
