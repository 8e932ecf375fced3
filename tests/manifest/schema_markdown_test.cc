#include "manifest/schema_markdown.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "manifest/schema.h"

namespace podvisor::manifest {
namespace {

TEST(SchemaMarkdown, IsWhatTheDocumentationSays) {
  const std::string path = PODVISOR_SOURCE_DIR "/docs/MANIFEST.md";
  if (std::getenv("PODVISOR_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << schema_markdown();
  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  EXPECT_TRUE(text == schema_markdown()) << path << " is not what the schema table says; run this "
                                         << "test with PODVISOR_UPDATE_GOLDEN=1 and look at the "
                                         << "difference";
}

TEST(Schema, EveryRowIsComplete) {
  for (const ObjectType* type : all_types()) {
    for (const Field& field : type->fields) {
      const std::string name = std::string(type->name) + "." + field.name;
      EXPECT_STRNE(field.meaning, "") << name;
      EXPECT_EQ(field.type == ValueType::Object, field.object != nullptr) << name;
      const bool explained = field.support == Support::Supported ||
                             field.support == Support::Dropped || *field.reason != '\0';
      EXPECT_TRUE(explained) << name;
      EXPECT_EQ(find_field(*type, field.name), &field) << name << " is there twice";
    }
  }
}

TEST(Schema, DefaultsAndHarmlessValuesAreJson) {
  for (const ObjectType* type : all_types()) {
    for (const Field& field : type->fields) {
      for (const char* text : {field.default_value, field.unless}) {
        if (text == nullptr || *text == '\0') continue;
        EXPECT_TRUE(nlohmann::json::accept(text)) << type->name << "." << field.name;
      }
    }
  }
}

TEST(Schema, RefusedValuesAreAmongTheAllowed) {
  for (const ObjectType* type : all_types()) {
    for (const Field& field : type->fields) {
      const auto allowed = split_words(field.allowed);
      for (const std::string& word : split_words(field.refused_values)) {
        EXPECT_NE(std::find(allowed.begin(), allowed.end(), word), allowed.end()) << field.name;
      }
    }
  }
}

}  // namespace
}  // namespace podvisor::manifest
