// Pulls from a real registry on loopback, by skopeo and umoci.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "images/image_files.h"
#include "images/image_service.h"
#include "registry.h"
#include "sample_image.h"

namespace podvisor {
namespace {

namespace fs = std::filesystem;
using Answer = tl::expected<AcquiredImage, ImageFailure>;

class PullTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!make_sample_image(layout(), "v1", {"--config.cmd", "one"})) return;
    for (const char* name : {"/registry", "/run"}) fs::create_directory(scratch_.path() + name);
    restart_service();
  }
  void TearDown() override {
    service_.reset();
    loop_.finish_blocking();
  }

  [[nodiscard]] std::string layout() const { return scratch_.path() + "/layout"; }

  void restart_service() {
    auto store = ImageStore::open(scratch_.path() + "/images");
    ASSERT_TRUE(store) << store.error().message;
    store_ = std::make_unique<ImageStore>(*store);
    ImageSettings settings;
    settings.pull.runtime_dir = scratch_.path() + "/run";
    service_ = std::make_unique<ImageService>(loop_, *store, settings);
  }

  void start_registry(const std::string& password = "") {
    registry_ = std::make_unique<Registry>(scratch_.path() + "/registry", password);
    if (!registry_->running()) GTEST_SKIP() << "no docker-registry or htpasswd here";
    ASSERT_TRUE(registry_->push(layout() + ":v1", "app:1"));
  }
  [[nodiscard]] std::string app() const { return registry_->host() + "/app:1"; }

  Answer acquire(const std::string& image, PullPolicy policy = PullPolicy::IfNotPresent,
                 std::vector<std::string> auth = {}) {
    std::optional<Answer> answer;
    service_->acquire(
        {image, policy, std::move(auth)}, [this] { ++pulls_; },
        [&](Answer given) {
          answer = std::move(given);
          loop_.stop();
        });
    Timer patience(loop_, [this] { loop_.stop(); });
    patience.start(std::chrono::seconds(60));
    while (!answer && patience.active()) loop_.run();
    return answer ? std::move(*answer)
                  : tl::unexpected<ImageFailure>(ImageFailure{"Test", "no answer"});
  }

  /// Nothing of a pull that failed may be left.
  void expect_no_rubbish() {
    Timer soon(loop_, [this] { loop_.stop(); });  // the pull is buried after its callback
    soon.start(Duration{0});
    loop_.run();
    loop_.finish_blocking();
    EXPECT_TRUE(store_->list()->empty());
    EXPECT_TRUE(fs::is_empty(scratch_.path() + "/images/tmp"));
    EXPECT_TRUE(fs::is_empty(scratch_.path() + "/images/roots"));
  }

  ScratchDirectory scratch_;
  Loop loop_;
  std::unique_ptr<ImageStore> store_;
  std::unique_ptr<ImageService> service_;
  std::unique_ptr<Registry> registry_;
  int pulls_ = 0;
};

TEST_F(PullTest, IMG_IfNotPresentPullsOnce) {
  start_registry();
  const Answer first = acquire(app());
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_TRUE(first->pulled);
  EXPECT_EQ(first->held.image.config.cmd, std::vector<std::string>{"one"});
  struct stat facts {};
  ASSERT_EQ(stat((first->held.image.rootfs + "/srv/owned").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_uid, 1000U);
  registry_->stop();
  const Answer second = acquire(app());
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_FALSE(second->pulled);
  EXPECT_EQ(pulls_, 1);
}

TEST_F(PullTest, IMG_AlwaysAsksTheRegistryEachTime) {
  start_registry();
  ASSERT_TRUE(acquire(app(), PullPolicy::Always));
  if (!make_sample_image(layout(), "v2", {"--config.cmd", "two"})) return;
  ASSERT_TRUE(registry_->push(layout() + ":v2", "app:1"));
  const Answer again = acquire(app(), PullPolicy::Always);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->held.image.config.cmd, std::vector<std::string>{"two"});
  registry_->stop();
  const Answer down = acquire(app(), PullPolicy::Always);
  ASSERT_FALSE(down);
  EXPECT_EQ(down.error().reason, "ErrImagePull");
  EXPECT_NE(down.error().message.find("connection refused"), std::string::npos)
      << down.error().message;
}

TEST_F(PullTest, IMG_NeverUsesWhatIsThere) {
  start_registry();
  const Answer absent = acquire(app(), PullPolicy::Never);
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().reason, "ErrImageNeverPull");
  EXPECT_EQ(absent.error().message,
            "Container image \"" + app() + "\" is not present with pull policy of Never");
  ASSERT_TRUE(acquire(app()));
  EXPECT_TRUE(acquire(app(), PullPolicy::Never));
  EXPECT_EQ(pulls_, 1);
}

TEST_F(PullTest, IMG3_ABadNameIsInvalid) {
  const Answer answer = acquire("Bad/Name");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().reason, "InvalidImageName");
}

TEST_F(PullTest, TwoThatWantOneImagePullItOnce) {
  start_registry();
  std::vector<Answer> answers;
  for (int i = 0; i < 3; ++i)
    service_->acquire(
        {app(), PullPolicy::Always, {}}, [] {},
        [&](Answer answer) {
          answers.push_back(std::move(answer));
          if (answers.size() == 3) loop_.stop();
        });
  Timer once(loop_, [this] { EXPECT_LE(service_->progress().size(), 1U); });
  once.start(std::chrono::milliseconds(30));
  loop_.run();
  ASSERT_EQ(answers.size(), 3U);
  for (const Answer& answer : answers) EXPECT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(store_->list()->size(), 1U);
}

TEST_F(PullTest, IMG4_AnImageOfThisHostIsPulledFromItsPlace) {
  const Answer answer = acquire("oci:" + layout() + ":v1", PullPolicy::Always);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->held.image.config.cmd, std::vector<std::string>{"one"});
  fs::remove_all(layout());
  EXPECT_TRUE(acquire("oci:" + layout() + ":v1", PullPolicy::Always)) << "present: nobody to ask";
}

TEST_F(PullTest, ARootfsIsUsedWhereItIs) {
  const Answer answer = acquire("rootfs:" + scratch_.path());
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->held.image.rootfs, scratch_.path());
  const Answer none = acquire("rootfs:/no/such/tree");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().reason, "ErrImagePull");
}

TEST_F(PullTest, APasswordComesFromThePullSecret) {
  start_registry("secret");
  if (IsSkipped()) return;
  const Answer without = acquire(app());
  ASSERT_FALSE(without);
  EXPECT_EQ(without.error().reason, "ErrImagePull");
  expect_no_rubbish();
  // base64 of me:secret
  const std::string auth =
      R"({"auths": {")" + registry_->host() + R"(": {"auth": "bWU6c2VjcmV0"}}})";
  const Answer with = acquire(app(), PullPolicy::IfNotPresent, {auth});
  ASSERT_TRUE(with) << with.error().message;
  loop_.finish_blocking();
  EXPECT_TRUE(fs::is_empty(scratch_.path() + "/run/auth")) << "the password stays nowhere";
}

TEST_F(PullTest, ARegistryThatLiesAboutADigestIsRefused) {
  start_registry();
  const std::string manifest = *parse_image_index(*read_document(layout() + "/index.json"));
  const auto parsed = parse_image_manifest(
      *read_document(layout() + "/blobs/sha256/" + manifest.substr(manifest.find(':') + 1)));
  ASSERT_TRUE(parsed);
  const std::string blob = registry_->blob(parsed->layers.front().digest);
  ASSERT_TRUE(fs::exists(blob));
  {
    std::fstream file(blob, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(100);
    file.write("tampered", 8);
  }
  const Answer answer = acquire(app());
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().reason, "ErrImagePull");
  expect_no_rubbish();
}

TEST_F(PullTest, HalfALayerIsNoImage) {
  start_registry();
  const std::string manifest = *parse_image_index(*read_document(layout() + "/index.json"));
  const auto parsed = parse_image_manifest(
      *read_document(layout() + "/blobs/sha256/" + manifest.substr(manifest.find(':') + 1)));
  const std::string blob = registry_->blob(parsed->layers.front().digest);
  fs::resize_file(blob, fs::file_size(blob) / 2);
  const Answer answer = acquire(app());
  ASSERT_FALSE(answer);
  expect_no_rubbish();
}

TEST_F(PullTest, APullThatNobodyWaitsForEnds) {
  start_registry();
  const auto id = service_->acquire(
      {app(), PullPolicy::Always, {}}, [] {},
      [](Answer) { ADD_FAILURE() << "answered after it had been cancelled"; });
  Timer soon(loop_, [&] {
    service_->cancel(id);
    EXPECT_TRUE(service_->progress().empty());
  });
  soon.start(std::chrono::milliseconds(40));
  Timer end(loop_, [this] { loop_.stop(); });
  end.start(std::chrono::milliseconds(500));
  loop_.run();
  expect_no_rubbish();
}

TEST_F(PullTest, MissingProgramsSayWhatToInstall) {
  ImageSettings settings;
  settings.pull.runtime_dir = scratch_.path() + "/run";
  settings.pull.skopeo = "/no/such/skopeo";
  service_ = std::make_unique<ImageService>(loop_, *store_, settings);
  const Answer answer = acquire("127.0.0.1:1/app");
  ASSERT_FALSE(answer);
  EXPECT_NE(answer.error().message.find("apt-get install skopeo"), std::string::npos)
      << answer.error().message;
}

TEST(MergeAuthDocuments, TheFirstOfARegistryWins) {
  const auto merged = merge_auth_documents(
      {R"({"auths": {"a": {"auth": "1"}}})", R"({"auths": {"a": {"auth": "2"}, "b": {}}})"});
  ASSERT_TRUE(merged);
  EXPECT_EQ(*merged, R"({"auths":{"a":{"auth":"1"},"b":{}}})");
}

TEST(MergeAuthDocuments, AnErrorDoesNotShowWhatIsInIt) {
  for (const char* text : {"secret", R"({"auths": "secret"})", R"(["secret"])"}) {
    const auto merged = merge_auth_documents({text});
    ASSERT_FALSE(merged);
    EXPECT_EQ(merged.error().message.find("\"secret"), std::string::npos);
  }
}

}  // namespace
}  // namespace podvisor
