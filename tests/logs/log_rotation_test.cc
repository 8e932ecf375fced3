#include "runtime/logs/log_rotation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "logs/temporary_directory.h"

namespace podvisor {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

const std::string kLog = "0.log";
std::string at(int second, const std::string& more = {}) {
  return kLog + ".20261126-10000" + std::to_string(second) + more;
}

TEST(LogRotation, LOG5_RotatedFilesAreNamedByTheSecond) {
  const WallTime time = std::chrono::sys_days(std::chrono::year(2026) / 11 / 6) +
                        std::chrono::hours(7) + std::chrono::minutes(5) +
                        std::chrono::milliseconds(9999);
  std::string there;
  const auto taken = [&](const std::string& name) { return name == there; };
  EXPECT_EQ(rotated_name("0.log", time, taken), "0.log.20261106-070509");
  there = "0.log.20261106-070509";
  EXPECT_EQ(rotated_name("0.log", time, taken), "0.log.20261106-070509.999");
}

TEST(LogRotation, LOG6_OtherFilesAreLeftAlone) {
  const TidyPlan plan = plan_tidying(
      {"0.log", "1.log", "1.log.20261126-100000", "10.log.x", "0.logs", "notes"}, kLog, 2);
  EXPECT_THAT(plan.remove, IsEmpty());
  EXPECT_THAT(plan.compress, IsEmpty());
}

TEST(LogRotation, LOG6_LeftoversGo) {
  const TidyPlan plan = plan_tidying(
      {kLog, at(1), at(1, ".gz"), at(2, ".tmp"), at(2), at(3, ".gz.tmp"), at(4)}, kLog, 9);
  EXPECT_THAT(plan.remove, ElementsAre(at(1), at(2, ".tmp"), at(3, ".gz.tmp")));
  EXPECT_THAT(plan.compress, ElementsAre(at(2)));
}

TEST(LogRotation, LOG6_TheOldestBeyondMaxFilesGoAndTheRestIsCompressedButTheNewest) {
  const std::vector<std::string> names{kLog,         at(4),        at(1, ".gz"),
                                       at(3, ".gz"), at(2, ".gz"), at(5)};
  struct Case {
    int max_files;
    std::vector<std::string> remove, compress;
  };
  const Case table[] = {
      {2, {at(1, ".gz"), at(2, ".gz"), at(3, ".gz"), at(4)}, {}},
      {3, {at(1, ".gz"), at(2, ".gz"), at(3, ".gz")}, {at(4)}},
      {5, {at(1, ".gz")}, {at(4)}},
      {7, {}, {at(4)}},
  };
  for (const Case& expected : table) {
    const TidyPlan plan = plan_tidying(names, kLog, expected.max_files);
    EXPECT_EQ(plan.remove, expected.remove) << expected.max_files;
    EXPECT_EQ(plan.compress, expected.compress) << expected.max_files;
  }
}

TEST(LogRotation, LOG6_OfASecondsFilesTheLaterStaysWhicheverIsCompressed) {
  const TidyPlan plan =
      plan_tidying({kLog, at(1, ".250.gz"), at(1, ".gz"), at(1, ".500"), at(2)}, kLog, 3);
  EXPECT_THAT(plan.remove, ElementsAre(at(1, ".gz"), at(1, ".250.gz")));
  EXPECT_THAT(plan.compress, ElementsAre(at(1, ".500")));
}

TEST(LogRotation, LOG5_ANameIsTakenWhileThereIsALaterOneOfItsSecond) {
  const TemporaryDirectory directory;
  append_to_file(directory / at(1, ".250.gz"), "");
  EXPECT_TRUE(is_rotated_name_taken(directory / at(1)));
  EXPECT_TRUE(is_rotated_name_taken(directory / at(1, ".250")));
  EXPECT_FALSE(is_rotated_name_taken(directory / at(1, ".500")));
  EXPECT_FALSE(is_rotated_name_taken(directory / at(2)));
}

class TidyRotated : public testing::Test {
 protected:
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(directory_.path()))
      found.push_back(entry.path().filename());
    return found;
  }
  [[nodiscard]] std::string unzipped(const std::string& name) const {
    const gzFile file = gzopen((directory_ / name).c_str(), "rb");
    std::string text(1 << 20, '\0');
    const int size = gzread(file, text.data(), static_cast<unsigned>(text.size()));
    gzclose(file);
    text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return text;
  }

  TemporaryDirectory directory_;
  std::atomic<bool> cancelled_ = false;
};

TEST_F(TidyRotated, LOG5_OlderFilesAreCompressed) {
  std::string text;
  for (int i = 0; i < 20000; ++i) text += "line " + std::to_string(i) + "\n";
  append_to_file(directory_ / kLog, "current");
  append_to_file(directory_ / at(1), text);
  append_to_file(directory_ / at(2), "newest");
  ASSERT_TRUE(tidy_rotated(directory_ / kLog, 5, cancelled_));
  EXPECT_THAT(names(), UnorderedElementsAre(kLog, at(1, ".gz"), at(2)));
  EXPECT_EQ(unzipped(at(1, ".gz")), text);
}

TEST_F(TidyRotated, LOG6_CancelledItRemovesWhatIsTooMuchAndLeavesTheRestAsItWas) {
  for (int i = 1; i < 5; ++i) append_to_file(directory_ / at(i), "text");
  cancelled_ = true;
  EXPECT_FALSE(tidy_rotated(directory_ / kLog, 3, cancelled_));
  EXPECT_THAT(names(), UnorderedElementsAre(at(3), at(4)));
}

TEST_F(TidyRotated, ALinkIsNotFollowed) {
  append_to_file(directory_ / "secret", "text");
  std::filesystem::create_symlink("secret", directory_ / at(1));
  append_to_file(directory_ / at(2), "newest");
  const Status tidied = tidy_rotated(directory_ / kLog, 5, cancelled_);
  EXPECT_FALSE(tidied);
  EXPECT_THAT(names(), UnorderedElementsAre("secret", at(1), at(2)));
}

}  // namespace
}  // namespace podvisor
