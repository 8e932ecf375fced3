#include <gtest/gtest.h>

#include "images/image_store.h"

namespace podvisor {
namespace {

ImageListing image(const std::string& name, const std::string& digest, std::int64_t size, int used,
                   bool in_use = false) {
  return {name, digest, size, {}, WallTime(std::chrono::seconds(used)), in_use};
}

TEST(ImagesToCollect, NothingBelowTheHighMark) {
  EXPECT_TRUE(images_to_collect({image("a", "1", 50, 1)}, {100, 84}, 85, 80).empty());
}

TEST(ImagesToCollect, LeastRecentlyUsedFirstUntilTheLowMark) {
  const std::vector<ImageListing> images = {image("new", "1", 8, 3), image("old", "2", 8, 1),
                                            image("middle", "3", 8, 2)};
  EXPECT_EQ(images_to_collect(images, {100, 90}, 85, 80),
            (std::vector<std::string>{"old", "middle"}));
}

TEST(ImagesToCollect, AnImageInUseStays) {
  EXPECT_EQ(
      images_to_collect({image("a", "1", 50, 1, true), image("b", "2", 1, 2)}, {100, 99}, 85, 80),
      std::vector<std::string>{"b"});
}

TEST(ImagesToCollect, AnImageOfTwoNamesGoesWithTheSecond) {
  EXPECT_EQ(
      images_to_collect({image("a", "1", 50, 1), image("b", "1", 50, 2), image("c", "2", 50, 3)},
                        {100, 90}, 85, 80),
      (std::vector<std::string>{"a", "b"}));
}

TEST(ImageName, IsOneFileNameAndComesBack) {
  for (const char* name :
       {"docker.io/library/app:1.2", "oci:/srv/a b:v1", ".", "..", "%2f", "reg:5000/x@sha256:12"}) {
    const std::string file = encode_image_name(name);
    EXPECT_EQ(file.find('/'), std::string::npos);
    EXPECT_NE(file.front(), '.');
    EXPECT_EQ(decode_image_name(file), name);
  }
}

TEST(ImageName, AForeignFileIsNoCrash) {
  for (const char* file : {"%", "%z", "%zz", "a%2", ""}) EXPECT_EQ(decode_image_name(file), file);
}

}  // namespace
}  // namespace podvisor
