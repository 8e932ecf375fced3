#include "runtime/security/confinement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/capability.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace podvisor {
namespace {

using ::testing::HasSubstr;
using Type = SecurityProfile::Type;

class ConfinementTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_NE(mkdtemp(root_.data()), nullptr);
    host_.seccomp_root = root_ + "/profiles";
    std::filesystem::create_directory(host_.seccomp_root);
    std::ofstream(host_.seccomp_root + "/quiet.json") << R"({"defaultAction": "SCMP_ACT_ALLOW"})";
    std::ofstream(root_ + "/outside.json") << R"({"defaultAction": "SCMP_ACT_ALLOW"})";
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  Confinement confined() {
    auto confinement = confine(context_, host_);
    EXPECT_TRUE(confinement.has_value()) << confinement.error().message;
    return confinement.value_or(Confinement{});
  }
  std::string refusal() {
    const auto confinement = confine(context_, host_);
    EXPECT_FALSE(confinement.has_value());
    return confinement ? std::string() : confinement.error().message;
  }

  std::string root_ = "/tmp/podvisor-test-XXXXXX";
  SecurityHost host_{~CapabilityMask{0}, false, ""};
  SecurityContext context_;
};

TEST_F(ConfinementTest, SEC5_NoNewPrivilegesExactlyWhenEscalationIsForbidden) {
  EXPECT_FALSE(confined().no_new_privileges);
  context_.allow_privilege_escalation = true;
  EXPECT_FALSE(confined().no_new_privileges);
  context_.allow_privilege_escalation = false;
  EXPECT_TRUE(confined().no_new_privileges);
}

TEST_F(ConfinementTest, SEC8_WithoutCapabilitiesAPlainProcessKeepsPodvisors) {
  EXPECT_FALSE(confined().capabilities);
  context_.capabilities.emplace();
  EXPECT_EQ(confined().capabilities, default_capabilities());
}

TEST_F(ConfinementTest, SEC6_WithoutAProfileThereIsNoFilter) {
  EXPECT_TRUE(confined().seccomp_filter.empty());
  context_.seccomp = SecurityProfile{Type::Unconfined, ""};
  EXPECT_TRUE(confined().seccomp_filter.empty());
  context_.seccomp = SecurityProfile{Type::RuntimeDefault, ""};
  EXPECT_FALSE(confined().seccomp_filter.empty());
}

TEST_F(ConfinementTest, SEC6_RuntimeDefaultFollowsTheCapabilities) {
  context_.seccomp = SecurityProfile{Type::RuntimeDefault, ""};
  const std::string all = confined().seccomp_filter;
  context_.capabilities = Capabilities{{}, {"ALL"}};
  const std::string none = confined().seccomp_filter;
  EXPECT_NE(all, none);
  context_.capabilities.reset();
  EXPECT_EQ(confined().seccomp_filter, all);
}

TEST_F(ConfinementTest, SEC6_RuntimeDefaultOfAUserWhoIsNotRootIsAContainers) {
  context_.seccomp = SecurityProfile{Type::RuntimeDefault, ""};
  context_.capabilities = Capabilities{};
  const std::string containers = confined().seccomp_filter;
  context_.capabilities.reset();
  context_.run_as_user = 1000;
  EXPECT_FALSE(confined().capabilities);  // what it may come to have is as it was
  EXPECT_EQ(confined().seccomp_filter, containers);
  context_.run_as_user = 0;
  EXPECT_NE(confined().seccomp_filter, containers);
}

TEST_F(ConfinementTest, SEC6_ALocalhostProfileIsAFileBelowTheDirectory) {
  context_.seccomp = SecurityProfile{Type::Localhost, "quiet.json"};
  EXPECT_FALSE(confined().seccomp_filter.empty());
  context_.seccomp->localhost_profile = "no.json";
  EXPECT_THAT(refusal(), HasSubstr("cannot load the seccomp profile \"no.json\""));
}

TEST_F(ConfinementTest, SEC6_NoPathLeadsOutOfTheDirectoryOfProfiles) {
  std::filesystem::create_symlink("../outside.json", host_.seccomp_root + "/link.json");
  std::filesystem::create_symlink(root_, host_.seccomp_root + "/directory");
  for (const char* path :
       {"../outside.json", "link.json", "directory/outside.json", "/etc/passwd"}) {
    context_.seccomp = SecurityProfile{Type::Localhost, path};
    EXPECT_THAT(refusal(), HasSubstr("cannot open it below")) << path;
  }
}

TEST_F(ConfinementTest, SEC6_WhatIsNoFileOrTooLargeIsRefused) {
  context_.seccomp = SecurityProfile{Type::Localhost, "."};
  EXPECT_THAT(refusal(), HasSubstr("it is not a file"));
  std::ofstream(host_.seccomp_root + "/large.json") << std::string((1U << 20U) + 1, ' ');
  context_.seccomp = SecurityProfile{Type::Localhost, "large.json"};
  EXPECT_THAT(refusal(), HasSubstr("larger than a mebibyte"));
}

TEST_F(ConfinementTest, SEC8_PrivilegedIsFreeOfAllThat) {
  context_.privileged = true;
  context_.capabilities = Capabilities{{}, {"ALL"}};
  context_.seccomp = SecurityProfile{Type::RuntimeDefault, ""};
  context_.app_armor = SecurityProfile{Type::Localhost, "x"};
  const Confinement confinement = confined();
  EXPECT_FALSE(confinement.capabilities);
  EXPECT_TRUE(confinement.seccomp_filter.empty());
  EXPECT_TRUE(confinement.app_armor.empty());
}

TEST_F(ConfinementTest, AppArmorIsAskedOnlyOfKernelsThatHaveIt) {
  context_.app_armor = SecurityProfile{Type::Localhost, "web"};
  EXPECT_THAT(refusal(), HasSubstr("kernel does not have it enabled"));
  context_.app_armor->type = Type::Unconfined;
  EXPECT_TRUE(confined().app_armor.empty());
  host_.app_armor = true;
  context_.app_armor->type = Type::Localhost;
  EXPECT_EQ(confined().app_armor, "web");
  context_.app_armor->type = Type::RuntimeDefault;
  EXPECT_THAT(refusal(), HasSubstr("Localhost"));
}

}  // namespace
}  // namespace podvisor
