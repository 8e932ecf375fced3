#include <gtest/gtest.h>

#include "cli/terminal.h"

namespace podvisor::cli {
namespace {

std::string error_of(const std::vector<std::string>& arguments) {
  const Ran ran = run_command(arguments);
  EXPECT_EQ(ran.exit_code, 1);
  return ran.err;
}

TEST(Suggestion, NamesTheVerbThatWasMeant) {
  EXPECT_NE(error_of({"descrbe", "pod", "web"}).find("did you mean \"describe\"?"),
            std::string::npos);
  EXPECT_NE(error_of({"vaildate", "x"}).find("did you mean \"validate\"?"), std::string::npos);
  EXPECT_EQ(error_of({"zzzzzzzzzz"}).find("did you mean"), std::string::npos);
}

TEST(Suggestion, NamesTheOptionThatWasMeant) {
  EXPECT_NE(error_of({"get", "pods", "--ouput=json"}).find("did you mean \"--output\"?"),
            std::string::npos);
  EXPECT_NE(error_of({"run", "x", "--cgroup=none"}).find("did you mean \"--cgroups\"?"),
            std::string::npos);
  EXPECT_EQ(error_of({"get", "pods", "-o", "xml"}).find("did you mean"), std::string::npos);
}

TEST(Suggestion, NamesTheKindThatWasMeant) {
  EXPECT_NE(error_of({"get", "podz"}).find("did you mean \"pod\"?"), std::string::npos);
  EXPECT_NE(error_of({"get", "secretes"}).find("did you mean \"secrets\"?"), std::string::npos);
  EXPECT_NE(error_of({"get", "zebras"}).find("there is \"pods\", \"deployments\", \"services\""),
            std::string::npos);
}

TEST(Suggestion, WhatFollowsTwoDashesIsNobodysOption) {
  EXPECT_EQ(error_of({"wait", "--", "--ouput"}).find("did you mean"), std::string::npos);
}

}  // namespace
}  // namespace podvisor::cli
