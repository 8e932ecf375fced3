#include "api/exec_channels.h"

#include <gtest/gtest.h>

namespace podvisor {
namespace {

TEST(ExecChannels, TheFirstProtocolThatIsKnownCounts) {
  EXPECT_EQ(choose_protocol("v5.channel.k8s.io,v4.channel.k8s.io"), "v5.channel.k8s.io");
  EXPECT_EQ(choose_protocol("v9.channel.k8s.io , v4.channel.k8s.io"), "v4.channel.k8s.io");
  EXPECT_EQ(choose_protocol("v4.channel.k8s.io,v5.channel.k8s.io"), "v4.channel.k8s.io");
  EXPECT_EQ(choose_protocol("base64.channel.k8s.io"), "");
  EXPECT_EQ(choose_protocol(""), "");
}

TEST(ExecChannels, SizesOfTerminals) {
  const auto size = parse_resize(R"({"Width":120,"Height":40})");
  ASSERT_TRUE(size);
  EXPECT_EQ(size->columns, 120);
  EXPECT_EQ(size->rows, 40);
  EXPECT_EQ(parse_resize(R"({"Width":70000,"Height":-1})")->columns, 0);
  EXPECT_FALSE(parse_resize("no json"));
  EXPECT_FALSE(parse_resize("[1,2]"));
}

TEST(ExecChannels, HowItEndedAsKubeletSaysIt) {
  EXPECT_EQ(exec_status({}).at("status"), "Success");
  ExecOutcome seven;
  seven.exit_code = 7;
  const Json failed = exec_status(seven);
  EXPECT_EQ(failed.at("status"), "Failure");
  EXPECT_EQ(failed.at("reason"), "NonZeroExitCode");
  EXPECT_EQ(failed.at("details").at("causes").at(0).at("reason"), "ExitCode");
  EXPECT_EQ(failed.at("details").at("causes").at(0).at("message"), "7");
  ExecOutcome broken;
  broken.error = Error{"cannot join", 1};
  EXPECT_EQ(exec_status(broken).at("reason"), "InternalError");
  EXPECT_EQ(exec_status(broken).at("code"), 500);
}

}  // namespace
}  // namespace podvisor
