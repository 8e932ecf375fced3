#include "api/parameters.h"

#include <gtest/gtest.h>

namespace podvisor {
namespace {

HttpRequest asking(const std::string& value) {
  HttpRequest request;
  request.query.emplace("x", value);
  return request;
}

TEST(Parameters, OnlyFalseAndZeroAreFalse) {
  EXPECT_FALSE(flag_parameter({}, "x"));
  for (const char* value : {"false", "False", "0"})
    EXPECT_FALSE(flag_parameter(asking(value), "x"));
  for (const char* value : {"true", "1", "", "yes"})
    EXPECT_TRUE(flag_parameter(asking(value), "x"));
}

TEST(Parameters, IntegersAreReadWhole) {
  EXPECT_EQ(*integer_parameter({}, "x"), std::nullopt);
  EXPECT_EQ(*integer_parameter(asking(""), "x"), std::nullopt);
  EXPECT_EQ(*integer_parameter(asking("-5"), "x"), -5);
  EXPECT_EQ(*integer_parameter(asking("9223372036854775807"), "x"), INT64_MAX);
  for (const char* value : {"5s", "0x10", "9223372036854775808", "1.0", " 1", "+1"}) {
    const auto parsed = integer_parameter(asking(value), "x");
    ASSERT_FALSE(parsed) << value;
    EXPECT_EQ(parsed.error().message.substr(0, 17), "x: Invalid value:");
  }
}

}  // namespace
}  // namespace podvisor
