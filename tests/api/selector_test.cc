#include "api/selector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace podvisor {
namespace {

const Selector::Fields kWeb{{"app", "web"}, {"tier", "front"}, {"note", ""}};

bool labels_match(const std::string& text) {
  const auto selector = Selector::parse_labels(text);
  EXPECT_TRUE(selector) << text;
  return selector && selector->matches(kWeb);
}

TEST(Selector, EmptyMatchesEverything) {
  EXPECT_TRUE(labels_match(""));
  EXPECT_TRUE(labels_match(" , "));
  EXPECT_TRUE(Selector().empty());
}

TEST(Selector, EqualityAndInequality) {
  EXPECT_TRUE(labels_match("app=web"));
  EXPECT_TRUE(labels_match("app==web"));
  EXPECT_TRUE(labels_match(" app = web , tier = front "));
  EXPECT_FALSE(labels_match("app=db"));
  EXPECT_FALSE(labels_match("app=web,tier=back"));
  EXPECT_TRUE(labels_match("app!=db"));
  EXPECT_FALSE(labels_match("app!=web"));
  EXPECT_TRUE(labels_match("note="));
}

TEST(Selector, AMissingKeyEqualsNothingAndDiffersFromEverything) {
  EXPECT_FALSE(labels_match("missing=x"));
  EXPECT_FALSE(labels_match("missing="));
  EXPECT_TRUE(labels_match("missing!=x"));
}

TEST(Selector, Existence) {
  EXPECT_TRUE(labels_match("app"));
  EXPECT_TRUE(labels_match("note,!missing"));
  EXPECT_FALSE(labels_match("!app"));
  EXPECT_FALSE(labels_match("missing"));
}

TEST(Selector, WhatCannotBeUnderstoodIsRefusedNotGuessed) {
  for (const char* text : {"=", "=x", "!", "!=x", "app in (web,db)", "app=a=b", "a b", "!a=b"})
    EXPECT_FALSE(Selector::parse_labels(text)) << text;
}

TEST(Selector, FieldsMustBeKnownAndCompared) {
  const std::set<std::string> known{"metadata.name"};
  EXPECT_TRUE(Selector::parse_fields("metadata.name=web", known));
  const auto unknown = Selector::parse_fields("spec.foo=web", known);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().message, "field label not supported: spec.foo");
  EXPECT_FALSE(Selector::parse_fields("metadata.name", known));
}

}  // namespace
}  // namespace podvisor
