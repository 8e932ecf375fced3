// Each field of a securityContext from the manifest to what the kernel says of the process.
#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "e2e/host.h"

namespace podvisor {
namespace {

using testing::HasSubstr;

class SecurityContextTest : public Host {
 protected:
  /// A pod of one process that lives; `container` and `spec` are lines of YAML flow.
  void run_pod(const std::string& container, const std::string& spec = "",
               const std::string& script = "sleep 1000") {
    serve();
    write_manifest("a.yaml",
                   "apiVersion: v1\nkind: Pod\n"
                   "metadata: {name: a, annotations: {podvisor.io/network: none}}\n"
                   "spec:\n  terminationGracePeriodSeconds: 0\n" +
                       spec + "  containers:\n  - name: main\n    command: [sh, -c, '" + script +
                       "']\n" + container);
    ASSERT_TRUE(eventually([&] { return pid_of("a", "main") != 0 && ready("a"); }))
        << podvisor_log();
  }
  /// A line of its /proc/PID/status, without the name.
  [[nodiscard]] std::string status(const std::string& name) const {
    std::ifstream file("/proc/" + std::to_string(pid_of("a", "main")) + "/status");
    for (std::string line; std::getline(file, line);)
      if (line.starts_with(name + ":\t")) return line.substr(name.size() + 2);
    return "no " + name;
  }
  [[nodiscard]] std::string proc(const std::string& name) const {
    return read_file("/proc/" + std::to_string(pid_of("a", "main")) + "/" + name);
  }
  [[nodiscard]] std::string log() const { return cli({"logs", "a"}).out; }
};

TEST_F(SecurityContextTest, SEC8_Capabilities) {
  run_pod(
      "    securityContext: {capabilities: {drop: [ALL], add: [NET_BIND_SERVICE, CAP_CHOWN]}}\n");
  EXPECT_EQ(status("CapBnd"), "0000000000000401");
  EXPECT_EQ(status("CapEff"), "0000000000000401");
}

TEST_F(SecurityContextTest, SEC5_AllowPrivilegeEscalation) {
  run_pod("    securityContext: {allowPrivilegeEscalation: false}\n");
  EXPECT_EQ(status("NoNewPrivs"), "1");
}

TEST_F(SecurityContextTest, SEC6_SeccompProfileOfThePod) {
  run_pod("", "  securityContext: {seccompProfile: {type: RuntimeDefault}}\n",
          "unshare --user true; keyctl show 2>&1; sleep 1000");
  EXPECT_EQ(status("Seccomp"), "2");
  EXPECT_EQ(status("NoNewPrivs"), "0");
}

TEST_F(SecurityContextTest, SEC6_SeccompProfileOfTheHost) {
  std::filesystem::create_directory(dir() + "/profiles");
  std::ofstream(dir() + "/profiles/quiet.json") << R"({"defaultAction": "SCMP_ACT_ALLOW",
             "syscalls": [{"names": ["uname"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38}]})";
  serve({"--seccomp-profile-root", dir() + "/profiles"});
  write_manifest("a.yaml",
                 "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  hostNetwork: true\n"
                 "  restartPolicy: Never\n  containers:\n  - name: main\n"
                 "    command: [sh, -c, \"uname 2>&1; true\"]\n    securityContext:\n"
                 "      seccompProfile: {type: Localhost, localhostProfile: quiet.json}\n");
  EXPECT_TRUE(eventually([&] { return log().find("Function not implemented") != log().npos; }))
      << log() << podvisor_log();
}

TEST_F(SecurityContextTest, SEC9_ReadOnlyRootFilesystem) {
  run_pod("    securityContext: {readOnlyRootFilesystem: true}\n", "",
          "touch " + dir() + "/no 2>&1; touch /dev/shm/yes && echo written; sleep 1000");
  EXPECT_TRUE(eventually([&] { return log().find("written") != std::string::npos; })) << log();
  EXPECT_THAT(log(), HasSubstr("Read-only file system"));
  EXPECT_THAT(proc("mountinfo"), HasSubstr(" / ro,"));
}

TEST_F(SecurityContextTest, SEC2_SEC4_UserAndGroups) {
  run_pod("",
          "  securityContext: {runAsUser: 4321, runAsGroup: 4322, fsGroup: 2000, "
          "supplementalGroups: [7]}\n");
  EXPECT_EQ(status("Uid"), "4321\t4321\t4321\t4321");
  EXPECT_EQ(status("Gid"), "4322\t4322\t4322\t4322");
  EXPECT_EQ(status("Groups"), "7 2000 ");
  EXPECT_EQ(status("CapPrm"), "0000000000000000");
}

TEST_F(SecurityContextTest, SEC3_RunAsNonRoot) {
  serve();
  write_manifest("a.yaml",
                 "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  hostNetwork: true\n"
                 "  containers:\n  - name: main\n    command: [sleep, \"1000\"]\n"
                 "    securityContext: {runAsNonRoot: true}\n");
  const auto waiting = [&] {
    return container("a", "main").value(nlohmann::json::json_pointer("/state/waiting/reason"), "");
  };
  EXPECT_TRUE(eventually([&] { return waiting() == "CreateContainerConfigError"; }))
      << waiting() << podvisor_log();
}

TEST_F(SecurityContextTest, SEC8_Privileged) {
  run_pod("    securityContext: {privileged: true, seccompProfile: {type: RuntimeDefault}}\n");
  EXPECT_EQ(status("Seccomp"), "0");
  std::ifstream own("/proc/self/status");
  std::string line;
  while (std::getline(own, line) && !line.starts_with("CapBnd:")) {
  }
  EXPECT_EQ("CapBnd:\t" + status("CapBnd"), line);
}

TEST_F(SecurityContextTest, Sysctls) {
  run_pod(
      "",
      "  securityContext: {sysctls: [{name: net.ipv4.ip_unprivileged_port_start, value: '81'}]}\n",
      "cat /proc/sys/net/ipv4/ip_unprivileged_port_start; sleep 1000");
  EXPECT_TRUE(eventually([&] { return log() == "81\n"; })) << log();
}

TEST_F(SecurityContextTest, NET1_ShareProcessNamespace) {
  run_pod("", "  shareProcessNamespace: true\n", "cat /proc/1/comm; echo $$$$; sleep 1000");
  EXPECT_TRUE(eventually([&] { return log() == "podvisor-pause\n2\n"; })) << log();
  EXPECT_NE(namespace_of(pid_of("a", "main"), "pid"), namespace_of(::getpid(), "pid"));
}

TEST_F(SecurityContextTest, NET1_HostPidAndHostIpc) {
  run_pod("", "  hostPID: true\n  hostIPC: true\n");
  for (const char* kind : {"pid", "ipc"})
    EXPECT_EQ(namespace_of(pid_of("a", "main"), kind), namespace_of(::getpid(), kind)) << kind;
}

TEST_F(SecurityContextTest, RES6_OomScoreOfABurstablePod) {
  run_pod("    resources: {requests: {memory: 1Mi}}\n");
  EXPECT_EQ(proc("oom_score_adj"), "999\n");
}

TEST_F(SecurityContextTest, NET2_WhatTheOomKillerMayTakeIsSaidOnce) {
  run_pod("");
  const std::string said = podvisor_log();
  const std::string text = "not protected from the OOM killer";
  const std::size_t first = said.find(text);
  if (first == std::string::npos) {
    EXPECT_EQ(read_file("/proc/" + std::to_string(pid_of("a", "main")) + "/oom_score_adj"),
              "1000\n");
    return;
  }
  EXPECT_EQ(said.find(text, first + 1), std::string::npos) << said;
}

}  // namespace
}  // namespace podvisor
