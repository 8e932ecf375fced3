// tests/fixtures/manifests/bad/NAME.yaml loads with exactly the diagnostics in NAME.expected, and
// tests/fixtures/manifests/good/* and config/examples/* without any.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "loading.h"

namespace podvisor {
namespace {

namespace fs = std::filesystem;

const fs::path kFixtures = fs::path(PODVISOR_SOURCE_DIR) / "tests/fixtures/manifests";

std::string content(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<fs::path> manifests_in(const fs::path& directory) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(directory)) {
    if (entry.path().extension() != ".expected") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

TEST(Golden, BadManifestsAreRefusedInExactlyTheseWords) {
  const auto paths = manifests_in(kFixtures / "bad");
  EXPECT_GE(paths.size(), 10U);
  for (const fs::path& path : paths) {
    const LoadResult result = load_text(content(path), path.filename(), {});
    EXPECT_FALSE(result.ok()) << path;
    const fs::path expected = fs::path(path).replace_extension(".expected");
    if (std::getenv("PODVISOR_UPDATE_GOLDEN") != nullptr)
      std::ofstream(expected) << messages(result);
    EXPECT_EQ(messages(result), content(expected)) << path;
  }
}

TEST(Golden, GoodManifestsLoadInSilence) {
  const auto paths = manifests_in(kFixtures / "good");
  EXPECT_GE(paths.size(), 3U);
  for (const fs::path& path : paths) {
    const LoadResult result = load_path(path, {});
    EXPECT_EQ(messages(result), "") << path;
    EXPECT_FALSE(result.pods.empty()) << path;
  }
}

TEST(Golden, ExamplesLoadInSilence) {
  for (const fs::path& path : manifests_in(fs::path(PODVISOR_SOURCE_DIR) / "config/examples")) {
    const std::string extension = path.extension();
    if (extension != ".yaml" && extension != ".json") continue;
    EXPECT_EQ(messages(load_path(path, {})), "") << path;
  }
}

}  // namespace
}  // namespace podvisor
