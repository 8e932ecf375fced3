#include "manifest/quantity.h"

#include <gtest/gtest.h>

namespace podvisor::manifest {
namespace {

std::string canonical(const char* text) {
  const auto quantity = parse_quantity(text);
  return quantity ? to_string(*quantity) : "error";
}

TEST(Quantity, QTY1_TakesSignDigitsAndSuffix) {
  for (const char* text :
       {"1",  "+1", "-1", "1.",  ".5",  "1.5", "1Ki", "1n",  "1u",  "1m",  "1k",   "1M",  "1G",
        "1T", "1P", "1E", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei", "1e3", "1E3", "1e-3", "1E+3"}) {
    EXPECT_TRUE(parse_quantity(text)) << text;
  }
}

TEST(Quantity, QTY2_RefusesSuffixesThatDoNotExist) {
  for (const char* text : {"1K",
                           "1ki",
                           "1mi",
                           "1i",
                           "1B",
                           "1MB",
                           "1MiB",
                           "1e",
                           "1e+",
                           "1e+-3",
                           "1e3k",
                           "Ki",
                           "one",
                           "",
                           "0x10",
                           "1..2",
                           "1.2.3",
                           "--1",
                           "1 Mi",
                           " 1",
                           "1 ",
                           "1_000",
                           "1e99999999999999999999"}) {
    EXPECT_FALSE(parse_quantity(text)) << text;
  }
}

TEST(Quantity, QTY2_EAloneIsExa) {
  EXPECT_EQ(value(*parse_quantity("2E")), 2'000'000'000'000'000'000);
  EXPECT_EQ(value(*parse_quantity("2E2")), 200);
}

TEST(Quantity, QTY4_RoundsAwayFromZeroToNano) {
  EXPECT_EQ(canonical("0.0000000001"), "1n");
  EXPECT_EQ(canonical("3.001n"), "4n");
  EXPECT_EQ(canonical("-0.0000000001"), "-1n");
  EXPECT_EQ(canonical("0.00000000000000000000000000000000000000000000000001"), "1n");
  EXPECT_EQ(canonical("1e-30"), "1e-9");
}

TEST(Quantity, QTY5_BinaryIsCappedDecimalIsNot) {
  EXPECT_EQ(canonical("9Ei"), "9223372036854775807");
  EXPECT_EQ(canonical("9000000000000000000000000Ei"), "9223372036854775807");
  EXPECT_EQ(canonical("12E"), "12E");
  EXPECT_EQ(value(*parse_quantity("12E")), INT64_MAX);
  EXPECT_FALSE(parse_quantity("1e40"));
}

TEST(Quantity, QTY6_IntegerViewsRoundUp) {
  EXPECT_EQ(value(*parse_quantity("100m")), 1);
  EXPECT_EQ(value(*parse_quantity("1.5")), 2);
  EXPECT_EQ(milli_value(*parse_quantity("100u")), 1);
  EXPECT_EQ(milli_value(*parse_quantity("0.25")), 250);
  EXPECT_EQ(value(*parse_quantity("128Mi")), 134217728);
  EXPECT_EQ(value(*parse_quantity("0.1Gi")), 107374183);
  EXPECT_EQ(value(*parse_quantity("0")), 0);
}

TEST(Quantity, QTY7_PrintsCanonically) {
  const std::pair<const char*, const char*> cases[] = {
      {"1.5", "1500m"},    {"1.5Gi", "1536Mi"},  {"1024Mi", "1Gi"}, {"1000M", "1G"},
      {".001Ki", "1024m"}, {"0", "0"},           {"0Mi", "0"},      {"1023", "1023"},
      {"512", "512"},      {"1000Ki", "1000Ki"}, {"0.5Ki", "512"},  {"1e3", "1e3"},
      {"1500", "1500"},    {"1000", "1k"},       {"100e2", "10e3"}, {"0.5e0", "500e-3"},
      {"-1024Mi", "-1Gi"}, {"1025Ki", "1025Ki"}};
  for (const auto& [text, printed] : cases) EXPECT_EQ(canonical(text), printed) << text;
}

TEST(Quantity, QTY8_ComparesByValue) {
  EXPECT_EQ(parse_quantity("1Gi")->nanos, parse_quantity("1024Mi")->nanos);
  EXPECT_EQ(parse_quantity("1000m")->nanos, parse_quantity("1")->nanos);
}

TEST(Quantity, QTY9_RefusesWhatHasNoDigit) {
  for (const char* text : {".", "+", "-", "+.", "-.m"}) EXPECT_FALSE(parse_quantity(text)) << text;
}

TEST(Quantity, DEF3_RoundsUpToMilli) {
  EXPECT_EQ(to_string(round_up_to_milli(*parse_quantity("100u"))), "1m");
  EXPECT_EQ(to_string(round_up_to_milli(*parse_quantity("1.0001"))), "1001m");
  EXPECT_EQ(to_string(round_up_to_milli(*parse_quantity("250m"))), "250m");
}

}  // namespace
}  // namespace podvisor::manifest
