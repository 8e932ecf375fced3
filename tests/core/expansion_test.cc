#include "podvisor/expansion.h"

#include <gtest/gtest.h>

#include <map>

namespace podvisor {
namespace {

struct Expansion {
  const char* text;
  const char* expanded;
};

std::string expand_with_variables(std::string_view text) {
  static const std::map<std::string, std::string, std::less<>> variables{
      {"A", "x"}, {"B", "$(A)"}, {"EMPTY", ""}, {"A$(B", "odd"}, {"a b", "spaced"}, {"$$", "dd"}};
  return expand(text, [](std::string_view name) -> const std::string* {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : &found->second;
  });
}

void expect_rows(std::initializer_list<Expansion> rows) {
  for (const Expansion& row : rows)
    EXPECT_EQ(expand_with_variables(row.text), row.expanded) << row.text;
}

TEST(Expansion, EXP1_OnePassThatNeverLooksAtItsOwnOutput) {
  expect_rows({{"", ""}, {"plain", "plain"}, {"$(B)", "$(A)"}, {"$(A)$(A)", "xx"}});
}

TEST(Expansion, EXP2_KnownNamesAreReplacedAndUnknownReferencesKept) {
  expect_rows({{"-$(A)-", "-x-"},
               {"$(NOPE)", "$(NOPE)"},
               {"$()", "$()"},
               {"$(a b)", "spaced"},
               {"$($$)", "dd"}});
}

TEST(Expansion, EXP3_TwoDollarsAreOneAndStartNoReference) {
  expect_rows(
      {{"$$", "$"}, {"$$(A)", "$(A)"}, {"$$$(A)", "$x"}, {"$$$$(A)", "$$(A)"}, {"$(A)$$", "x$"}});
}

TEST(Expansion, EXP4_UnclosedReferencesAreCopiedAndNestingDoesNotExist) {
  expect_rows({{"$(A", "$(A"},
               {"$(A)$(", "x$("},
               {"$($(A", "$($(A"},
               {"$(A$(B)", "odd"},
               {"$(A$(B))", "odd)"},
               {"$(C$(B))", "$(C$(B))"}});
}

TEST(Expansion, EXP5_DollarBeforeAnythingElseIsKept) {
  expect_rows({{"$VAR", "$VAR"},
               {"${A}", "${A}"},
               {"$?", "$?"},
               {"end$", "end$"},
               {"$", "$"},
               {"$\xC3\xBC$(A)", "$\xC3\xBCx"}});
}

TEST(Expansion, EXP6_BackslashIsOrdinary) {
  expect_rows({{"\\$(A)", "\\x"}, {"$\\(A)", "$\\(A)"}});
}

TEST(Expansion, EXP7_EmptyValueExpandsToNothing) { expect_rows({{"[$(EMPTY)]", "[]"}}); }

}  // namespace
}  // namespace podvisor
