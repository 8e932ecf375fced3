#include "images/reference.h"

#include <gtest/gtest.h>

namespace podvisor {
namespace {

struct Good {
  const char* text;
  const char* name;
  const char* source;
};

TEST(ImageReference, DEF5_NamesAreNormalisedAsDockerDoes) {
  const std::string digest =
      "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
  const std::string pinned = "app@" + digest;
  const std::string both = "reg:5000/app:latest@" + digest;
  const std::string pinned_name = "docker.io/library/app@" + digest;
  const std::string pinned_source = "docker://docker.io/library/app@" + digest;
  const std::string both_source = "docker://reg:5000/app@" + digest;
  const Good table[] = {
      {"app", "docker.io/library/app:latest", "docker://docker.io/library/app:latest"},
      {"app:1.2", "docker.io/library/app:1.2", "docker://docker.io/library/app:1.2"},
      {"me/app", "docker.io/me/app:latest", "docker://docker.io/me/app:latest"},
      {"reg:5000/app", "reg:5000/app:latest", "docker://reg:5000/app:latest"},
      {"localhost/app:x", "localhost/app:x", "docker://localhost/app:x"},
      {"registry.4paradigm.com/chrome_debug", "registry.4paradigm.com/chrome_debug:latest",
       "docker://registry.4paradigm.com/chrome_debug:latest"},
      {"a--b/c__d/e.f", "docker.io/a--b/c__d/e.f:latest",
       "docker://docker.io/a--b/c__d/e.f:latest"},
      {"index.docker.io/x/y", "docker.io/x/y:latest", "docker://docker.io/x/y:latest"},
      {pinned.c_str(), pinned_name.c_str(), pinned_source.c_str()},
      {both.c_str(), both.c_str(), both_source.c_str()},
      {"oci:/srv/app:v1", "oci:/srv/app:v1", "oci:/srv/app:v1"},
      {"docker-archive:/srv/app.tar", "docker-archive:/srv/app.tar", "docker-archive:/srv/app.tar"},
      {"rootfs:/srv/tree", "rootfs:/srv/tree", "rootfs:/srv/tree"},
  };
  for (const Good& row : table) {
    const auto reference = parse_image_reference(row.text);
    ASSERT_TRUE(reference) << row.text << ": " << reference.error().message;
    EXPECT_EQ(normal_name(*reference), row.name);
    EXPECT_EQ(skopeo_source(*reference), row.source);
  }
}

TEST(ImageReference, DEF5_WhatIsNoNameIsRefused) {
  const char* table[] = {
      "",
      "App",
      "me/App:1",
      "https://reg/app",
      "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
      "app:",
      "app:ta g",
      "app@sha256:12",
      "a..b",
      "a___b",
      "-app",
      "app-",
      "a//b",
      "/app",
      "app/",
      "reg:5000/",
      "--option",
      "oci:relative",
      "rootfs:",
      "app\n",
      "re g/app",
  };
  for (const char* text : table) {
    const auto reference = parse_image_reference(text);
    EXPECT_FALSE(reference) << text;
    const std::string message = reference ? "" : reference.error().message;
    EXPECT_NE(message.find("couldn't parse image name"), std::string::npos) << message;
  }
}

TEST(ImageReference, ALoopbackRegistryNeedsNoTls) {
  for (const char* text : {"127.0.0.1:5000/a", "127.1.2.3/a", "localhost:5000/a", "localhost/a"})
    EXPECT_TRUE(is_on_loopback(*parse_image_reference(text))) << text;
  for (const char* text : {"a", "localhost.example.com/a", "10.0.0.1:5000/a"})
    EXPECT_FALSE(is_on_loopback(*parse_image_reference(text))) << text;
}

}  // namespace
}  // namespace podvisor
