#include "runtime/empty_dir_limits.h"

#include <gtest/gtest.h>

namespace podvisor {
namespace {

std::string limit_in(const std::string& message) {
  const std::size_t from = message.find("limit \"") + 7;
  return message.substr(from, message.find("\". ") - from);
}

TEST(EmptyDirLimits, VOL3_TheMessageIsKubelets) {
  EXPECT_EQ(eviction_message("cache", 1 << 30),
            "Usage of EmptyDir volume \"cache\" exceeds the limit \"1Gi\". ");
}

TEST(EmptyDirLimits, VOL3_TheLimitIsWrittenAsAManifestWould) {
  const std::pair<std::int64_t, const char*> cases[] = {{500, "500"},
                                                        {1024, "1Ki"},
                                                        {1000, "1k"},
                                                        {500'000'000, "500M"},
                                                        {16'000'000, "16M"},
                                                        {1'000'000'000'000, "1T"},
                                                        {1500LL << 20, "1500Mi"},
                                                        {2LL << 40, "2Ti"},
                                                        {1025, "1025"}};
  for (const auto& [bytes, text] : cases) EXPECT_EQ(limit_in(eviction_message("v", bytes)), text);
}

}  // namespace
}  // namespace podvisor
