// metadata.generateName.
#include "manifest/generated_name.h"

#include "loading.h"

namespace podvisor {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

std::string nameless(const std::string& prefix, const std::string& metadata = "") {
  return "apiVersion: v1\nkind: Pod\nmetadata:\n  generateName: " + prefix + "\n" +
         indent(metadata, 2) + "spec:\n  containers: [{name: main, command: [sleep, inf]}]\n";
}

std::vector<std::string> names(const std::string& text, const std::string& file = "a.yaml") {
  const LoadResult result = load_text(text, file, {});
  EXPECT_TRUE(result.ok()) << messages(result);
  std::vector<std::string> found;
  for (const LoadedPod& each : result.pods) found.push_back(each.pod->metadata.name);
  return found;
}

TEST(GeneratedName, IsThePrefixAndFiveLettersThatMakeNoWord) {
  EXPECT_THAT(manifest::generate_name("web-", "a"), MatchesRegex("web-[b-df-hj-np-tv-xz2-9]{5}"));
  EXPECT_EQ(manifest::generate_name("web-", "a"), manifest::generate_name("web-", "a"));
  EXPECT_NE(manifest::generate_name("web-", "a"), manifest::generate_name("web-", "b"));
}

TEST(GeneratedName, ALongPrefixIsCutSoThatTheNameIsALabel) {
  const std::string name = manifest::generate_name(std::string(70, 'a'), "a");
  EXPECT_EQ(name.size(), 63U);
  EXPECT_TRUE(name.starts_with(std::string(58, 'a')));
}

TEST(GeneratedName, AFileThatIsReadAgainNamesTheSamePods) {
  const std::string text = nameless("web-") + "---\n" + nameless("web-");
  const auto first = names(text);
  ASSERT_EQ(first.size(), 2U);
  EXPECT_NE(first[0], first[1]);
  EXPECT_EQ(names(text), first);
  EXPECT_NE(names(text, "b.yaml")[0], first[0]);
  EXPECT_EQ(names(pod_text() + "---\n" + nameless("job-") + "---\n" + text)[2], first[0])
      << "other documents come and go";
}

TEST(GeneratedName, StaysBesideTheNameInWhatIsShown) {
  const LoadResult result = load(nameless("web-", "name: ''\nlabels: {app: web}"));
  ASSERT_TRUE(result.ok()) << messages(result);
  EXPECT_THAT(result.pods[0].pod->document, HasSubstr(R"("generateName":"web-")"));
  EXPECT_EQ(result.pods[0].pod->metadata.labels.at("app"), "web");
}

TEST(GeneratedName, ANameOfItsOwnWins) {
  EXPECT_EQ(load_one(pod_text("", "", "generateName: a-")).metadata.name, "web");
}

TEST(GeneratedName, IsCheckedLikeAnyOther) {
  const LoadResult result = load(nameless("Web_"));
  EXPECT_EQ(result.diagnostics.size(), 1U) << messages(result);
  EXPECT_THAT(messages(result), HasSubstr("pod.yaml:4:17: metadata.name: Invalid value: \"Web_"));
}

TEST(GeneratedName, OfEveryKind) {
  const LoadResult result = load(
      "apiVersion: v1\nkind: List\nitems:\n"
      "- {apiVersion: v1, kind: ConfigMap, metadata: {generateName: c-}}\n"
      "- {apiVersion: v1, kind: Secret, metadata: {generateName: c-}}\n");
  EXPECT_TRUE(result.ok()) << messages(result);
  ASSERT_EQ(result.configs.size(), 2U);
  EXPECT_NE(result.configs[0].object->metadata.name, result.configs[1].object->metadata.name);
}

}  // namespace
}  // namespace podvisor
