#include "images/image_store.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace podvisor {
namespace {

namespace fs = std::filesystem;

std::string digest_of(char digit) { return "sha256:" + std::string(64, digit); }

/// A store of its own, and images as skopeo and umoci would leave them in a workspace.
class ImageStoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char pattern[] = "/tmp/podvisor-store-XXXXXX";
    ASSERT_NE(mkdtemp(pattern), nullptr);
    directory_ = pattern;
    auto store = ImageStore::open(directory_ + "/images");
    ASSERT_TRUE(store) << store.error().message;
    store_ = std::make_unique<ImageStore>(std::move(*store));
  }
  void TearDown() override { fs::remove_all(directory_); }

  static void write(const std::string& path, const std::string& text) {
    std::ofstream(path) << text;
  }

  /// Image `digit` with one layer of digest `layer`.
  ImageStore::Workspace pulled(char digit, char layer) {
    auto workspace = store_->make_workspace();
    EXPECT_TRUE(workspace);
    const std::string& path = workspace->path;
    const std::string manifest = digest_of(digit), config = digest_of(digit == '9' ? 'f' : '9');
    write(path + "/index.json", R"({"manifests": [{"digest": ")" + manifest + R"("}]})");
    const std::string blobs = path + "/blobs/sha256/";
    write(blobs + manifest.substr(7), R"({"config": {"digest": ")" + config +
                                          R"(", "size": 2}, "layers": [{"digest": ")" +
                                          digest_of(layer) + R"(", "size": 10}]})");
    write(blobs + config.substr(7), R"({"config": {"Cmd": ["run"]}})");
    write(blobs + digest_of(layer).substr(7), "layer");
    fs::create_directory(path + "/rootfs");
    write(path + "/rootfs/who", std::string(1, digit));
    return std::move(*workspace);
  }

  void commit(char digit, char layer, const std::string& name) {
    const ImageStore::Workspace workspace = pulled(digit, layer);
    const auto examined = store_->examine(workspace);
    ASSERT_TRUE(examined) << examined.error().message;
    const Status committed = store_->commit(workspace, *examined, name);
    ASSERT_TRUE(committed) << committed.error().message;
    store_->discard(workspace);
  }

  [[nodiscard]] std::size_t blobs() const { return count("/images/blobs/sha256"); }
  [[nodiscard]] std::size_t roots() const { return count("/images/roots"); }
  [[nodiscard]] std::size_t count(const std::string& below) const {
    std::size_t number = 0;
    for ([[maybe_unused]] const auto& entry : fs::directory_iterator(directory_ + below)) ++number;
    return number;
  }

  std::string directory_;
  std::unique_ptr<ImageStore> store_;
};

TEST_F(ImageStoreTest, AnImageIsThereWhenItsNameIs) {
  auto none = store_->hold("app:1");
  ASSERT_TRUE(none);
  EXPECT_FALSE(none->has_value());
  commit('1', 'a', "app:1");
  const auto held = store_->hold("app:1");
  ASSERT_TRUE(held && held->has_value());
  const Image& image = (*held)->image;
  EXPECT_EQ(image.digest, digest_of('1'));
  EXPECT_EQ(image.config.cmd, std::vector<std::string>{"run"});
  EXPECT_EQ(image.size, 10);
  std::stringstream who;
  who << std::ifstream(image.rootfs + "/who").rdbuf();
  EXPECT_EQ(who.str(), "1");
}

TEST_F(ImageStoreTest, AnAbandonedPullLeavesNothingThatLooksLikeAnImage) {
  { const auto workspace = pulled('1', 'a'); }  // as when its process is killed here
  EXPECT_FALSE((*store_->hold("app:1")).has_value());
  EXPECT_TRUE(store_->list()->empty());
  ASSERT_TRUE(store_->sweep());
  EXPECT_EQ(count("/images/tmp"), 0U);
  EXPECT_EQ(blobs(), 0U);
}

TEST_F(ImageStoreTest, SweepingLeavesPullsUnderWayAlone) {
  const auto workspace = pulled('1', 'a');
  ASSERT_TRUE(store_->sweep());
  EXPECT_TRUE(store_->examine(workspace)) << "its blobs must still be there";
}

TEST_F(ImageStoreTest, AnImageInUseIsNotRemoved) {
  commit('1', 'a', "app:1");
  {
    const auto held = store_->hold("app:1");
    ASSERT_TRUE(held && held->has_value());
    EXPECT_TRUE(store_->list()->front().in_use);
    const Status removed = store_->remove("app:1");
    ASSERT_FALSE(removed);
    EXPECT_EQ(removed.error().error_number, EBUSY);
  }
  EXPECT_TRUE(store_->remove("app:1"));
  EXPECT_FALSE((*store_->hold("app:1")).has_value());
  EXPECT_EQ(roots(), 0U);
}

TEST_F(ImageStoreTest, AnImageOfTwoNamesStaysUntilTheSecondGoes) {
  commit('1', 'a', "app:1");
  commit('1', 'a', "app:latest");
  EXPECT_EQ(roots(), 1U);
  EXPECT_TRUE(store_->remove("app:1"));
  EXPECT_TRUE((*store_->hold("app:latest")).has_value());
  EXPECT_TRUE(store_->remove("app:latest"));
  EXPECT_EQ(roots(), 0U);
}

TEST_F(ImageStoreTest, ANameThatMovedOnLeavesItsOldImageToTheSweep) {
  commit('1', 'a', "app:latest");
  const auto old = store_->hold("app:latest");
  commit('2', 'a', "app:latest");
  EXPECT_EQ((*store_->hold("app:latest"))->image.digest, digest_of('2'));
  ASSERT_TRUE(store_->sweep());
  EXPECT_EQ(roots(), 2U) << "the old one is in use";
  EXPECT_TRUE(fs::exists((*old)->image.rootfs + "/who"));
}

TEST_F(ImageStoreTest, SweepingKeepsTheBlobsOfImagesThatAreThere) {
  commit('1', 'a', "app:1");
  commit('2', 'b', "app:2");
  ASSERT_EQ(blobs(), 5U);  // two manifests, two layers, one configuration
  EXPECT_TRUE(store_->remove("app:2"));
  ASSERT_TRUE(store_->sweep());
  EXPECT_EQ(blobs(), 3U);
  EXPECT_EQ(roots(), 1U);
}

TEST_F(ImageStoreTest, ADamagedRecordIsAnErrorOfThatImageAlone) {
  commit('1', 'a', "app:1");
  commit('2', 'b', "app:2");
  write(directory_ + "/images/roots/" + digest_of('1').substr(7) + "/image.json", "{");
  EXPECT_FALSE(store_->hold("app:1"));
  EXPECT_TRUE((*store_->hold("app:2")).has_value());
  EXPECT_EQ(store_->list()->size(), 1U);
}

TEST_F(ImageStoreTest, ANameThatDoesNotExistCannotBeRemoved) {
  const Status removed = store_->remove("app:1");
  ASSERT_FALSE(removed);
  EXPECT_EQ(removed.error().error_number, ENOENT);
}

}  // namespace
}  // namespace podvisor
