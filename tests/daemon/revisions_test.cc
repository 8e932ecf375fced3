#include "daemon/revisions.h"

#include <gtest/gtest.h>

namespace podvisor {
namespace {

Pod of(const std::string& document) {
  Pod pod;
  pod.document = document;
  return pod;
}

TEST(Revisions, AreNumberedAndKnowTheOneBefore) {
  Revisions revisions;
  EXPECT_EQ(revisions.latest(), nullptr);
  EXPECT_EQ(revisions.add(of("a"), {}).number, 1);
  EXPECT_EQ(revisions.before_latest(), nullptr);
  EXPECT_EQ(revisions.add(of("b"), {}).number, 2);
  EXPECT_EQ(revisions.add(of("b"), {}).number, 2) << "it is the latest already";
  EXPECT_EQ(revisions.before_latest()->pod.document, "a");
}

TEST(Revisions, OneThatComesBackGetsTheNextNumber) {
  Revisions revisions;
  revisions.add(of("a"), {});
  revisions.add(of("b"), {});
  EXPECT_EQ(revisions.add(of("a"), {}).number, 3);
  EXPECT_EQ(revisions.find(1), nullptr);
  EXPECT_EQ(revisions.before_latest()->number, 2);
}

TEST(Revisions, TheOldestAreForgotten) {
  Revisions revisions;
  for (int i = 0; i < 15; ++i) revisions.add(of(std::to_string(i)), {});
  EXPECT_EQ(revisions.all().size(), Revisions::kKept);
  EXPECT_EQ(revisions.all().front().number, 6);
}

TEST(Revisions, SayWhyWhereTheManifestDoes) {
  Revisions revisions;
  Pod pod = of("a");
  pod.metadata.annotations["kubernetes.io/change-cause"] = "new logo";
  EXPECT_EQ(revisions.add(pod, {}).cause, "new logo");
}

}  // namespace
}  // namespace podvisor
