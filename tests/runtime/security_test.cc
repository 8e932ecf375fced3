// A securityContext from the typed pod to what the kernel shows of the process.
#include <gmock/gmock.h>
#include <linux/capability.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "runtime/security/capabilities.h"
#include "runtime_fixture.h"

namespace podvisor {
namespace {

using ::testing::HasSubstr;
using Type = SecurityProfile::Type;

class SecurityTest : public RuntimeFixture {
 protected:
  static SecurityContext& context(Pod& pod) { return pod.spec.containers[0].security_context; }

  /// A line of /proc/PID/status, without its name.
  static std::string status(pid_t pid, const std::string& name) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/status");
    for (std::string line; std::getline(file, line);)
      if (line.starts_with(name + ":\t")) return line.substr(name.size() + 2);
    return "no " + name;
  }

  static std::string file(const std::string& path) {
    std::ifstream stream(path);
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
  }

  static std::string mask(CapabilityMask capabilities) {
    std::ostringstream text;
    text.width(16);
    text.fill('0');
    text << std::hex << capabilities;
    return text.str();
  }

  std::string output_of(const Pod& pod) {
    run(pod);
    return log_of(pod);
  }

  pod_event::ContainerStartFailed failure_of(const Pod& pod) {
    make_sandbox(pod);
    runtime_->start_container(pod, {});
    return wait_for<pod_event::ContainerStartFailed>();
  }
};

TEST_F(SecurityTest, SEC8_CapabilitiesAreWhatIsLeftOfTheDefaultsAndWhatIsAdded) {
  Pod pod = pod_with("sleep 1000");
  context(pod).capabilities = Capabilities{{"CAP_NET_ADMIN"}, {"CHOWN", "MKNOD"}};
  make_sandbox(pod);
  const CapabilityMask wanted =
      ((default_capabilities() & ~capability_bit(CAP_CHOWN) & ~capability_bit(CAP_MKNOD)) |
       capability_bit(CAP_NET_ADMIN)) &
      own_capabilities();
  const pid_t pid = start(pod);
  for (const char* set : {"CapBnd", "CapPrm", "CapEff"}) EXPECT_EQ(status(pid, set), mask(wanted));
  EXPECT_EQ(exec(pod, {"grep", "CapBnd", "/proc/self/status"}).output,
            "CapBnd:\t" + mask(wanted) + "\n");
}

TEST_F(SecurityTest, SEC8_WithoutCapabilitiesAPlainProcessKeepsPodvisors) {
  const Pod pod = pod_with("sleep 1000");
  make_sandbox(pod);
  EXPECT_EQ(status(start(pod), "CapBnd"), status(getpid(), "CapBnd"));
}

TEST_F(SecurityTest, SEC5_NoNewPrivilegesForTheContainerAndItsExecs) {
  Pod pod = pod_with("sleep 1000");
  context(pod).allow_privilege_escalation = false;
  make_sandbox(pod);
  EXPECT_EQ(status(start(pod), "NoNewPrivs"), "1");
  EXPECT_EQ(exec(pod, {"grep", "NoNewPrivs", "/proc/self/status"}).output, "NoNewPrivs:\t1\n");
}

TEST_F(SecurityTest, SEC6_RuntimeDefaultFiltersTheContainerAndItsExecs) {
  Pod pod = pod_with("sleep 1000");
  context(pod).seccomp = SecurityProfile{Type::RuntimeDefault, ""};
  context(pod).capabilities = Capabilities{{}, {"ALL"}};
  make_sandbox(pod);
  EXPECT_EQ(status(start(pod), "Seccomp"), "2");
  const ExecOutcome outcome = exec(pod, {"unshare", "--user", "true"});
  EXPECT_NE(outcome.exit_code, 0);
  EXPECT_THAT(outcome.output, HasSubstr("Operation not permitted"));
}

TEST_F(SecurityTest, SEC6_ALocalhostProfileIsReadBelowTheStateDirectory) {
  std::filesystem::create_directories(directory_ + "/state/seccomp/mine");
  std::ofstream(directory_ + "/state/seccomp/mine/no-uname.json")
      << R"({"defaultAction": "SCMP_ACT_ALLOW",
             "syscalls": [{"names": ["uname"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38}]})";
  Pod pod = pod_with("uname 2>&1; true");
  context(pod).seccomp = SecurityProfile{Type::Localhost, "mine/no-uname.json"};
  EXPECT_THAT(output_of(pod), HasSubstr("Function not implemented"));
}

TEST_F(SecurityTest, SEC6_AMissingProfileIsAConfigurationError) {
  Pod pod = pod_with("true");
  context(pod).seccomp = SecurityProfile{Type::Localhost, "no.json"};
  const auto failed = failure_of(pod);
  EXPECT_EQ(failed.reason, "CreateContainerConfigError");
  EXPECT_THAT(failed.message, HasSubstr("\"no.json\""));
}

TEST_F(SecurityTest, AppArmorThatTheKernelLacksIsAConfigurationError) {
  if (std::filesystem::exists("/sys/module/apparmor")) GTEST_SKIP() << "this kernel has AppArmor";
  Pod pod = pod_with("true");
  context(pod).app_armor = SecurityProfile{Type::Localhost, "web"};
  const auto failed = failure_of(pod);
  EXPECT_EQ(failed.reason, "CreateContainerConfigError");
  EXPECT_THAT(failed.message, HasSubstr("cannot enforce AppArmor"));
}

TEST_F(SecurityTest, SEC9_TheRootIsReadOnlyButForVolumesDevicesAndSharedMemory) {
  const std::string target = directory_ + "/data";
  std::filesystem::create_directory(target);
  Pod pod = pod_with("touch " + directory_ + "/no 2>&1; touch " + target +
                     "/yes && touch /dev/shm/yes && echo >/dev/null && echo written; "
                     "echo 1000 >/proc/self/oom_score_adj && echo adjusted; sleep 1000");
  pod.spec.volumes = {{"data", EmptyDirVolume{}}};
  pod.spec.containers[0].volume_mounts = {{"data", target}};
  context(pod).read_only_root_filesystem = true;
  make_sandbox(pod);
  const pid_t pid = start(pod);
  wait_for_log(pod, "adjusted\n");
  EXPECT_THAT(log_of(pod), HasSubstr("Read-only file system"));
  EXPECT_THAT(log_of(pod), HasSubstr("written\n"));
  EXPECT_FALSE(std::filesystem::exists(directory_ + "/no"));
  const std::string mounts = file("/proc/" + std::to_string(pid) + "/mountinfo");
  EXPECT_THAT(mounts, HasSubstr(" / ro,"));
  EXPECT_EQ(exec(pod, {"touch", directory_ + "/no"}).exit_code, 1);
}

TEST_F(SecurityTest, NET1_ContainersShareAPidNamespaceAndItsProc) {
  Pod pod = pod_with("sleep 1000");
  pod.spec.containers.push_back(container(
      "other",
      "cat /proc/1/comm; until pgrep -x sleep >/dev/null; do :; done; pgrep -x sleep | wc -l; "
      "ls -d /proc/[0-9]* | wc -l; sleep 1000"));
  pod.spec.share_process_namespace = true;
  make_sandbox(pod);
  const pid_t first = start(pod);
  const pid_t second = start(pod, {1, 0});
  EXPECT_EQ(namespace_of(first, "pid"), namespace_of(second, "pid"));
  EXPECT_NE(namespace_of(first, "pid"), namespace_of(getpid(), "pid"));
  wait_for_log(pod, "podvisor-pause\n1\n", {1, 0});
  // In one of the pod's execs, too; /proc/self is its own there.
  EXPECT_EQ(
      exec(pod, {"sh", "-c", "cat /proc/1/comm; test -e /proc/$$/status && echo self"}).output,
      "podvisor-pause\nself\n");
  EXPECT_NE(exec(pod, {"cat", "/proc/kcore"}).output.size(), 10240U);
}

TEST_F(SecurityTest, NET1_WithItsSharedPidNamespaceThePodEnds) {
  Pod pod = pod_with("setsid sleep 1000 & setsid sleep 1000 & echo ready; wait");
  pod.spec.share_process_namespace = true;
  make_sandbox(pod);
  const pid_t main = start(pod);
  wait_for_log(pod, "ready");
  const pid_t pause = pause_of(main);
  remove_sandbox(pod);
  for (const pid_t pid : {main, pause}) EXPECT_FALSE(is_alive(pid));
}

TEST_F(SecurityTest, NET1_ContainersShareAShmThatTheHostDoesNotSee) {
  const std::string name = "/dev/shm/podvisor-test-" + std::to_string(getpid());
  Pod pod = pod_with("echo shared >" + name + "; sleep 1000");
  pod.spec.containers.push_back(
      container("reader", "while [ ! -s " + name + " ]; do sleep 0.01; done; cat " + name +
                              "; df -k --output=size /dev/shm | tail -1"));
  make_sandbox(pod);
  start(pod);
  start(pod, {1, 0});
  exit_of({1, 0});
  EXPECT_THAT(log_of(pod, {1, 0}), HasSubstr("shared\n"));
  EXPECT_THAT(log_of(pod, {1, 0}), HasSubstr("65536\n"));
  EXPECT_FALSE(std::filesystem::exists(name));
  remove_sandbox(pod);
  EXPECT_EQ(file("/proc/self/mountinfo").find(directory_), std::string::npos);
}

TEST_F(SecurityTest, NET1_HostIpcIsTheHosts) {
  Pod pod = pod_with("sleep 1000");
  pod.spec.host_ipc = true;
  make_sandbox(pod);
  EXPECT_EQ(namespace_of(start(pod), "ipc"), namespace_of(getpid(), "ipc"));
}

TEST_F(SecurityTest, SysctlsAreSetBeforeAnythingStarts) {
  Pod pod = pod_with(
      "cat /proc/sys/net/ipv4/ip_unprivileged_port_start "
      "/proc/sys/kernel/shm_rmid_forced");
  pod.spec.sysctls = {{"net.ipv4.ip_unprivileged_port_start", "81"},
                      {"kernel/shm_rmid_forced", "1"}};
  EXPECT_EQ(output_of(pod), "81\n1\n");
}

TEST_F(SecurityTest, ASysctlThatCannotBeSetFailsTheSandboxByItsName) {
  Pod pod = pod_with("true");
  pod.spec.sysctls = {{"net.ipv4.ping_group_range", "nonsense"}};
  runtime_->make_sandbox(pod, 0);
  EXPECT_THAT(wait_for<pod_event::SandboxFailed>().message,
              HasSubstr("cannot set a sysctl net.ipv4.ping_group_range: Invalid argument"));
  pod.spec.sysctls = {{"kernel.panic", "1"}};
  events_.posted.clear();
  runtime_->make_sandbox(pod, 1);
  EXPECT_THAT(wait_for<pod_event::SandboxFailed>().message,
              HasSubstr("forbidden sysctl: \"kernel.panic\""));
}

TEST_F(SecurityTest, SEC4_FsGroupIsAmongTheGroups) {
  Pod pod = pod_with("id -G");
  context(pod).run_as_user = 4321;
  context(pod).run_as_group = 4322;
  context(pod).supplemental_groups = {7};
  pod.spec.fs_group = 2000;
  EXPECT_EQ(output_of(pod), "4322 7 2000\n");
}

TEST_F(SecurityTest, RES6_TheOomScoreIsTheContainers) {
  Pod pod = pod_with("cat /proc/self/oom_score_adj");
  EXPECT_EQ(output_of(pod), "1000\n");
}

TEST_F(SecurityTest, NET2_PauseIsSparedByTheOomKillerWhereThatCanBe) {
  const Pod pod = pod_with("sleep 1000");
  make_sandbox(pod);
  const pid_t pause = pause_of(start(pod));
  const bool may = (own_capabilities() & capability_bit(CAP_SYS_RESOURCE)) != 0;
  const std::string expected = may ? "-998\n" : file("/proc/self/oom_score_adj");
  EXPECT_EQ(file("/proc/" + std::to_string(pause) + "/oom_score_adj"), expected);
}

}  // namespace
}  // namespace podvisor
