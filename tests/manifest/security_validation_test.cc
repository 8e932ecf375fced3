// VAL-25: security contexts, and the namespaces that a pod shares.
#include "expecting.h"
#include "manifest/schema.h"
#include "podvisor/sysctls.h"

namespace podvisor {
namespace {

std::string with_security(const std::string& fields) {
  return with_container("securityContext: {" + fields + "}");
}

std::string with_pod_security(const std::string& fields, const std::string& spec = "") {
  return with_spec("securityContext: {" + fields + "}\n" + spec);
}

const std::string kSecurityContext = "spec.containers[0].securityContext.";

TEST(SecurityValidation, VAL25_PrivilegeMayNotBeGivenAndTaken) {
  const std::string path = kSecurityContext + "allowPrivilegeEscalation: Invalid value: false: ";
  expect({
      {with_security("privileged: true"), ""},
      {with_security("privileged: true, allowPrivilegeEscalation: true"), ""},
      {with_security("privileged: true, allowPrivilegeEscalation: false"),
       path + "cannot set `allowPrivilegeEscalation` to false and `privileged` to true"},
      {with_security("allowPrivilegeEscalation: false, capabilities: {add: [CAP_SYS_ADMIN]}"),
       path +
           "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN"},
      {with_security("allowPrivilegeEscalation: false, capabilities: {add: [SYS_ADMIN]}"), ""},
  });
}

TEST(SecurityValidation, VAL25_OneProcessNamespaceExcludesTheHosts) {
  expect({
      {with_spec("shareProcessNamespace: true"), ""},
      {with_spec("hostPID: true\nhostIPC: true"), ""},
      {with_spec("shareProcessNamespace: true\nhostPID: true"),
       "spec.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and HostPID cannot "
       "both be enabled"},
  });
}

TEST(SecurityValidation, VAL25_UnmaskedProcWantsAUserNamespace) {
  expect({
      {with_security("procMount: Default"), ""},
      {with_security("procMount: Unmasked"),
       kSecurityContext +
           "procMount: Forbidden: \"Unmasked\": it wants hostUsers: false, and podvisor"},
      {with_security("procMount: Masked"),
       kSecurityContext + "procMount: Unsupported value: \"Masked\""},
  });
}

TEST(SecurityValidation, VAL26_AUserNamespaceIsRefusedWithOrWithoutTheHostsNamespaces) {
  const std::string refused = "spec.hostUsers: Forbidden: podvisor gives no pod a user namespace";
  expect({
      {with_spec("hostUsers: false\nhostPID: true"), refused},
      {with_spec("hostUsers: false\nhostIPC: true"), refused},
  });
}

TEST(SecurityValidation, VAL25_SeccompProfiles) {
  const std::string path = kSecurityContext + "seccompProfile";
  const auto profile = [](const std::string& fields) {
    return with_security("seccompProfile: {" + fields + "}");
  };
  expect({
      {profile("type: RuntimeDefault"), ""},
      {profile("type: Unconfined"), ""},
      {profile("type: Localhost, localhostProfile: profiles/audit.json"), ""},
      {profile(""), path + ".type: Required value"},
      {profile("type: Default"),
       path + ".type: Unsupported value: \"Default\": supported values: \"Localhost\", "
              "\"RuntimeDefault\", \"Unconfined\""},
      {profile("type: Localhost"),
       path + ".localhostProfile: Required value: must be set when seccomp type is Localhost"},
      {profile("type: Localhost, localhostProfile: /etc/a.json"),
       path + ".localhostProfile: Invalid value: \"/etc/a.json\": must be a relative path"},
      {profile("type: Localhost, localhostProfile: a/../b"),
       path + ".localhostProfile: Invalid value: \"a/../b\": must not contain '..'"},
      {profile("type: Unconfined, localhostProfile: a"),
       path + ".localhostProfile: Invalid value: \"a\": can only be set when seccomp type is "
              "Localhost"},
      {with_pod_security("seccompProfile: {type: Localhost}"),
       "spec.securityContext.seccompProfile.localhostProfile: Required value"},
  });
}

TEST(SecurityValidation, VAL25_AppArmorProfiles) {
  const std::string path = kSecurityContext + "appArmorProfile";
  const auto profile = [](const std::string& fields) {
    return with_security("appArmorProfile: {" + fields + "}");
  };
  expect({
      {profile("type: RuntimeDefault"), ""},
      {profile("type: Localhost, localhostProfile: k8s-deny-write"), ""},
      {profile("type: Localhost"),
       path + ".localhostProfile: Required value: must be set when AppArmor type is Localhost"},
      {profile("type: Unconfined, localhostProfile: a"),
       path + ".localhostProfile: Invalid value: \"a\": can only be set when AppArmor type is "
              "Localhost"},
      {with_pod_security("appArmorProfile: {type: Off}"),
       "spec.securityContext.appArmorProfile.type: Invalid value: Off: must be a string; put it in "
       "quotes"},
  });
}

TEST(SecurityValidation, SEC8_CapabilitiesAreKnownByName) {
  const std::string path = kSecurityContext + "capabilities.add[0]: Invalid value: ";
  const auto add = [](const std::string& name) {
    return with_security("capabilities: {add: [" + name + "], drop: [ALL]}");
  };
  for (const char* name : {"NET_ADMIN", "CAP_NET_ADMIN", "net_admin", "ALL", "all", "BPF"}) {
    expect({{add(name), ""}});
  }
  expect({
      {add("NET_ADMN"), path + "\"NET_ADMN\": must be ALL or the name of a capability, such as "
                               "NET_ADMIN; did you mean NET_ADMIN?"},
      {add("everything-else"), path + "\"everything-else\": must be ALL or the name of a"},
  });
}

TEST(SecurityValidation, GroupsOfVolumes) {
  const std::string path = "spec.securityContext.";
  expect({
      {with_pod_security("fsGroup: 2000, fsGroupChangePolicy: OnRootMismatch, "
                         "supplementalGroupsPolicy: Strict"),
       ""},
      {with_pod_security("fsGroup: -1"), path + "fsGroup: Invalid value: -1: must be between 0"},
      {with_pod_security("fsGroupChangePolicy: Never"),
       path + "fsGroupChangePolicy: Unsupported value: \"Never\""},
      {with_pod_security("supplementalGroupsPolicy: strict"),
       path + "supplementalGroupsPolicy: Unsupported value: \"strict\": supported values: "
              "\"Merge\", \"Strict\"; did you mean \"Strict\"?"},
  });
}

TEST(SecurityValidation, SafeSysctlsOfOwnNamespaces) {
  const std::string path = "spec.securityContext.sysctls[0].name: ";
  const auto sysctl = [](const std::string& name, const std::string& spec = "") {
    return with_pod_security("sysctls: [{name: " + name + ", value: \"1\"}]", spec);
  };
  expect({
      {sysctl("net.ipv4.ip_unprivileged_port_start"), ""},
      {sysctl("net/ipv4/tcp_syncookies"), ""},
      {sysctl("kernel.shm_rmid_forced", "hostNetwork: true"), ""},
      {sysctl("net.core.somaxconn"),
       path + "Unsupported value: \"net.core.somaxconn\": supported values: "
              "\"kernel.shm_rmid_forced\", \"net.ipv4.ip_local_port_range\""},
      {sysctl("net.ipv4.tcp_rmem", "hostNetwork: true"),
       path + "Invalid value: \"net.ipv4.tcp_rmem\": may not be specified when 'hostNetwork' is "
              "true"},
      {sysctl("kernel.shm_rmid_forced", "hostIPC: true"),
       path + "Invalid value: \"kernel.shm_rmid_forced\": may not be specified when 'hostIPC' is "
              "true"},
      {with_pod_security("sysctls: [{name: net.ipv4.tcp_rmem, value: a},\n"
                         "  {name: net/ipv4/tcp_rmem, value: b}]"),
       "spec.securityContext.sysctls[1].name: Duplicate value: \"net/ipv4/tcp_rmem\""},
      {with_pod_security("sysctls: [{name: net.ipv4.tcp_rmem}]"),
       "spec.securityContext.sysctls[0].value: Required value"},
  });
}

TEST(SecurityValidation, TheTableNamesEverySafeSysctl) {
  const manifest::Field* name = manifest::find_field(manifest::kSysctlType, "name");
  ASSERT_NE(name, nullptr);
  for (const std::string& sysctl : safe_sysctls()) {
    EXPECT_THAT(name->meaning, testing::HasSubstr("`" + sysctl + "`"));
  }
}

TEST(SecurityValidation, WhatIsForOtherSystemsIsIgnoredAsOnANode) {
  EXPECT_EQ(messages_of(with_pod_security("seLinuxOptions: {level: \"s0:c1,c2\"}")),
            "pod.yaml:6:21: spec.securityContext.seLinuxOptions: warning: kept, but podvisor does "
            "not act on: spec.securityContext.seLinuxOptions (podvisor sets no SELinux labels, "
            "like a node without SELinux)\n");
  EXPECT_EQ(messages_of(with_security("windowsOptions: {runAsUserName: a}")),
            "pod.yaml:9:25: spec.containers[0].securityContext.windowsOptions: warning: kept, but "
            "podvisor does not act on: spec.containers[0].securityContext.windowsOptions (podvisor "
            "runs on Linux)\n");
}

}  // namespace
}  // namespace podvisor
