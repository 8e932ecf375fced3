#include "podvisor/pod_template_hash.h"

#include <gtest/gtest.h>

namespace podvisor {
namespace {

TEST(PodTemplateHash, IsFnv1aInKubernetesLetters) {
  EXPECT_EQ(pod_template_hash(""), "65bb57b6b5") << "of 2166136261";
  EXPECT_NE(pod_template_hash("a"), pod_template_hash("b"));
  EXPECT_EQ(pod_template_hash("a"), pod_template_hash("a"));
}

TEST(PodTemplateHash, AReplicaHasFiveLettersOfItsOwn) {
  const std::string name = replica_name("web-7d9f8b6c5", "one");
  EXPECT_TRUE(name.starts_with("web-7d9f8b6c5-"));
  EXPECT_EQ(name.size(), 19U);
  EXPECT_NE(name, replica_name("web-7d9f8b6c5", "two"));
}

TEST(PodTemplateHash, ANameThatIsTooLongIsCutBeforeThem) {
  EXPECT_EQ(replica_name(std::string(80, 'a'), "one").size(), 63U);
}

}  // namespace
}  // namespace podvisor
