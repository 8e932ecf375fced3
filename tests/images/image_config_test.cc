#include "images/image_config.h"

#include <gtest/gtest.h>

#include "images/image_record.h"

namespace podvisor {
namespace {

const std::string kDigest =
    "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

TEST(ImageConfig, EveryPartIsRead) {
  const auto config = parse_image_config(R"({"config": {
    "Entrypoint": ["/bin/app"], "Cmd": ["-v"], "Env": ["A=b"], "User": "app:staff",
    "WorkingDir": "/srv", "StopSignal": "SIGQUIT", "Volumes": {"/data": {}}}})");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->entrypoint, std::vector<std::string>{"/bin/app"});
  EXPECT_EQ(config->cmd, std::vector<std::string>{"-v"});
  EXPECT_EQ(config->env, std::vector<std::string>{"A=b"});
  EXPECT_EQ(config->user, "app:staff");
  EXPECT_EQ(config->working_dir, "/srv");
  EXPECT_EQ(config->stop_signal, "SIGQUIT");
  EXPECT_EQ(config->volumes, std::vector<std::string>{"/data"});
}

TEST(ImageConfig, WhatIsOfAnotherTypeIsAsIfItWereNotThere) {
  for (const char* text : {"{}", R"({"config": null})", R"({"config": {"Cmd": "x", "Env": [1]}})",
                           R"({"config": {"Volumes": [], "User": 5}})"}) {
    const auto config = parse_image_config(text);
    ASSERT_TRUE(config) << text;
    EXPECT_TRUE(config->cmd.empty() && config->env.empty() && config->user.empty());
  }
}

TEST(ImageConfig, TextThatIsNoObjectIsAnError) {
  for (const char* text : {"", "[]", "nonsense", "\"x\"", "{"}) {
    EXPECT_FALSE(parse_image_config(text)) << text;
    EXPECT_FALSE(parse_image_manifest(text)) << text;
    EXPECT_FALSE(parse_image_index(text)) << text;
  }
}

TEST(ImageManifest, BlobsNeedDigestsAndSizes) {
  const std::string good = R"({"config": {"digest": ")" + kDigest + R"(", "size": 3}, "layers": [)";
  EXPECT_TRUE(parse_image_manifest(good + "]}"));
  for (const char* layer : {R"({"digest": "sha256:../../etc/passwd", "size": 1})", R"({"size": 1})",
                            R"({"digest": 7, "size": 1})", "[]"})
    EXPECT_FALSE(parse_image_manifest(good + layer + "]}")) << layer;
  EXPECT_FALSE(parse_image_manifest(good + R"({"digest": ")" + kDigest + R"(", "size": -1}]})"));
}

TEST(ImageIndex, ExactlyOneManifestIsWanted) {
  const std::string one = R"({"digest": ")" + kDigest + R"("})";
  EXPECT_EQ(*parse_image_index(R"({"manifests": [)" + one + "]}"), kDigest);
  EXPECT_FALSE(parse_image_index(R"({"manifests": []})"));
  EXPECT_FALSE(parse_image_index(R"({"manifests": [)" + one + "," + one + "]}"));
  EXPECT_FALSE(parse_image_index(R"({"manifests": [{"digest": "../x"}]})"));
}

TEST(ImageRecord, ComesBackAsItWasWritten) {
  ImageRecord record{kDigest, {{kDigest, 2}, {{kDigest, 40}, {kDigest, 2}}}, {}};
  record.config.entrypoint = {"a", "b"};
  record.config.env = {"X=y"};
  record.config.stop_signal = "SIGINT";
  const auto read = decode_image_record(encode_image_record(record));
  ASSERT_TRUE(read);
  EXPECT_EQ(encode_image_record(*read), encode_image_record(record));
  EXPECT_EQ(layer_bytes(read->manifest), 42);
}

TEST(ImageRecord, DamagedOrForeignTextIsAnError) {
  for (const char* text :
       {"", "{}", R"({"version": 2, "digest": ""})", "[1]", R"({"version": 1})"}) {
    EXPECT_FALSE(decode_image_record(text)) << text;
    EXPECT_FALSE(decode_name_record(text)) << text;
  }
}

}  // namespace
}  // namespace podvisor
