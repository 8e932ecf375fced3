#include "runtime/preflight/security_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/capability.h>

#include "preflight/fake_host.h"

namespace podvisor {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Type = SecurityProfile::Type;

class SecurityCheck : public testing::Test {
 protected:
  [[nodiscard]] std::vector<Problem> as_root() const {
    return preflight(pod_, root_facts(), host_);
  }
  [[nodiscard]] std::vector<Problem> as_user() const {
    return preflight(pod_, user_facts(), host_);
  }
  SecurityContext& context() { return pod_.spec.containers[0].security_context; }

  FakeHost host_;
  Pod pod_ = simple_pod();
};

TEST_F(SecurityCheck, TheUsualHardeningNeedsNoRoot) {
  context().allow_privilege_escalation = false;
  context().run_as_non_root = true;
  context().capabilities = Capabilities{{}, {"ALL"}};
  context().seccomp = SecurityProfile{Type::RuntimeDefault, ""};
  EXPECT_THAT(as_user(), IsEmpty());
  EXPECT_THAT(as_root(), IsEmpty());
}

TEST_F(SecurityCheck, SEC8_WhatCouldBeGainedAgainNeedsRoot) {
  context().capabilities = Capabilities{{}, {"ALL"}};
  EXPECT_THAT(as_user(), ElementsAre(problem("spec.containers[0].securityContext.capabilities",
                                             "set allowPrivilegeEscalation: false")));
  EXPECT_THAT(as_root(), IsEmpty());
}

TEST_F(SecurityCheck, SEC8_PodvisorGivesOnlyWhatItHas) {
  HostFacts facts = root_facts();
  facts.capabilities &= ~capability_bit(CAP_SYS_TIME);
  context().capabilities = Capabilities{{"SYS_TIME"}, {}};
  EXPECT_THAT(preflight(pod_, facts, host_),
              ElementsAre(problem("spec.containers[0].securityContext.capabilities",
                                  "podvisor does not have the capability SYS_TIME")));
  context().privileged = true;  // all that there are
  EXPECT_THAT(preflight(pod_, facts, host_), IsEmpty());
}

TEST_F(SecurityCheck, SEC6_AFilterNeedsRootOrNoNewPrivileges) {
  context().seccomp = SecurityProfile{Type::RuntimeDefault, ""};
  EXPECT_THAT(as_user(), ElementsAre(problem("spec.containers[0].securityContext.seccompProfile",
                                             "set allowPrivilegeEscalation: false")));
  context().seccomp->type = Type::Unconfined;
  EXPECT_THAT(as_user(), IsEmpty());
}

TEST_F(SecurityCheck, SEC9_AReadOnlyRootNeedsRoot) {
  context().read_only_root_filesystem = true;
  EXPECT_THAT(as_user(),
              ElementsAre(problem("spec.containers[0].securityContext.readOnlyRootFilesystem",
                                  "needs root (CAP_SYS_ADMIN")));
  EXPECT_THAT(as_root(), IsEmpty());
}

TEST_F(SecurityCheck, AppArmorNeedsAKernelThatHasIt) {
  context().app_armor = SecurityProfile{Type::Localhost, "web"};
  EXPECT_THAT(as_root(), ElementsAre(problem("spec.containers[0].securityContext.appArmorProfile",
                                             "does not have AppArmor enabled")));
  HostFacts facts = root_facts();
  facts.app_armor = true;
  EXPECT_THAT(preflight(pod_, facts, host_), IsEmpty());
}

TEST_F(SecurityCheck, NET1_AProcessNamespaceNeedsRoot) {
  pod_.spec.share_process_namespace = true;
  EXPECT_THAT(as_user(), ElementsAre(problem("spec.shareProcessNamespace", "needs root")));
  EXPECT_THAT(as_root(), IsEmpty());
}

TEST_F(SecurityCheck, SysctlsAreThePodsOwn) {
  pod_.spec.sysctls = {{"net.ipv4.tcp_syncookies", "1"}};
  EXPECT_THAT(as_root(), ElementsAre(problem("spec.securityContext.sysctls[0]", "hostNetwork")));
  pod_.spec.host_network = false;
  pod_.spec.network = NetworkMode::None;
  EXPECT_THAT(as_root(), IsEmpty());
  pod_.spec.sysctls.push_back({"kernel.shm_rmid_forced", "1"});
  EXPECT_THAT(as_root(), IsEmpty());
  pod_.spec.host_ipc = true;
  EXPECT_THAT(as_root(), ElementsAre(problem("spec.securityContext.sysctls[1]", "hostIPC")));
}

}  // namespace
}  // namespace podvisor
