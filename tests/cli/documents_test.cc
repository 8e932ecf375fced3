#include "cli/documents.h"

#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

namespace podvisor::cli {
namespace {

TEST(JsonText, IsIndentedAndSortedAsKubectls) {
  EXPECT_EQ(to_json_text({{"b", 1}, {"a", Json::array({true, nullptr})}}),
            "{\n    \"a\": [\n        true,\n        null\n    ],\n    \"b\": 1\n}\n");
}

TEST(YamlText, QuotesWhatWouldReadAsSomethingElse) {
  EXPECT_EQ(to_yaml_text({{"a", "true"}, {"b", true}, {"c", "1"}, {"d", 1}, {"e", "no"}}),
            "a: \"true\"\nb: true\nc: \"1\"\nd: 1\ne: \"no\"\n");
  EXPECT_EQ(to_yaml_text({{"at", "2026-03-01T12:00:00Z"}, {"ip", "fe80::1"}, {"none", nullptr}}),
            "at: \"2026-03-01T12:00:00Z\"\nip: fe80::1\nnone: null\n");
  EXPECT_EQ(to_yaml_text({{"empty", Json::object()}, {"none", Json::array()}, {"text", ""}}),
            "empty: {}\nnone: []\ntext: \"\"\n");
}

TEST(YamlText, ReadsBackAsWhatItWas) {
  const std::vector<std::string> texts{
      "plain",  "two\nlines", "two\nlines\n", " lead",  "trail ", "- dash",  "a: b",     "#no",
      "0x1F",   "1e3",        "1_000",        "12:30",  ".5",     "+1",      ".inf",     "null",
      "~",      "Yes",        "\"quoted\"",   "it's",   "{a}",    "[b]",     "*star",    "&and",
      "!bang",  "%percent",   "@at",          "`tick`", "a\tb",   "\x1b[0m", "\xC3\xA9", "?",
      "? what", "-",          "---",          "...",    "|",      ">",       "a #b",     "a:"};
  for (const std::string& text : texts) {
    const YAML::Node node = YAML::Load(to_yaml_text({{"key", text}, {text, "value"}}));
    EXPECT_EQ(node["key"].as<std::string>(), text);
    EXPECT_EQ(node[text].as<std::string>(), "value") << text;
  }
}

TEST(PodListDocument, NamesEachPodsType) {
  const Json document = list_document({{{"metadata", {{"name", "web"}}}}});
  EXPECT_EQ(document["kind"], "List");
  EXPECT_EQ(document["items"][0]["kind"], "Pod");
  EXPECT_EQ(document["items"][0]["apiVersion"], "v1");
}

}  // namespace
}  // namespace podvisor::cli
