// Filters are tried by running them: in a child of the test's, on the real kernel.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <functional>

#include "runtime/security/seccomp_profile.h"

namespace podvisor {
namespace {

using ::testing::HasSubstr;

constexpr CapabilityMask kAllCapabilities = ~CapabilityMask{0};

SeccompFilter compiled(const SeccompProfile& profile) {
  auto filter = compile(profile);
  EXPECT_TRUE(filter.has_value()) << filter.error().message;
  return filter.value_or(SeccompFilter{});
}

SeccompFilter parsed(const std::string& text, CapabilityMask capabilities = kAllCapabilities) {
  const auto profile = parse_seccomp_profile(text, capabilities);
  EXPECT_TRUE(profile.has_value()) << profile.error().message;
  return profile ? compiled(*profile) : SeccompFilter{};
}

std::string parse_error(const std::string& text) {
  const auto profile = parse_seccomp_profile(text, kAllCapabilities);
  EXPECT_FALSE(profile.has_value()) << text;
  return profile ? std::string() : profile.error().message;
}

/// The wait status of a child that runs `body` under the filter and exits with what it returns.
int under(const SeccompFilter& filter, const std::function<int()>& body) {
  const pid_t child = fork();
  if (child == 0) {
    sock_fprog program{static_cast<unsigned short>(filter.program.size() / sizeof(sock_filter)),
                       reinterpret_cast<sock_filter*>(const_cast<char*>(filter.program.data()))};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, filter.flags, &program) != 0) _exit(201);
    syscall(SYS_exit_group, body());
  }
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

/// The errno of a call under the filter; 0 when it succeeded.
int error_of(const SeccompFilter& filter, const std::function<long()>& call) {
  const int status = under(filter, [&] { return call() < 0 ? errno : 0; });
  EXPECT_TRUE(WIFEXITED(status)) << status;
  return WEXITSTATUS(status);
}

long new_user_namespace() { return unshare(CLONE_NEWUTS); }

TEST(DefaultSeccomp, SEC6_RefusesWhatNeedsACapabilityThatIsNotThere) {
  const SeccompFilter filter = compiled(default_seccomp_profile(0));
  EXPECT_EQ(error_of(filter, new_user_namespace), EPERM);
  EXPECT_EQ(error_of(filter, [] { return syscall(SYS_bpf, 0, nullptr, 0); }), EPERM);
  EXPECT_EQ(error_of(filter, [] { return syscall(SYS_keyctl, 0, 0, 0, 0, 0); }), EPERM);
  EXPECT_EQ(error_of(filter, [] { return syscall(SYS_clone, CLONE_NEWNET | SIGCHLD, 0, 0, 0, 0); }),
            EPERM);
  EXPECT_EQ(error_of(filter, [] { return socket(AF_VSOCK, SOCK_STREAM, 0); }), EPERM);
}

TEST(DefaultSeccomp, SEC6_AllowsWhatProgramsDo) {
  const SeccompFilter filter = compiled(default_seccomp_profile(0));
  EXPECT_EQ(error_of(filter, [] { return open("/dev/null", O_RDONLY); }), 0);
  EXPECT_EQ(error_of(filter, [] { return socket(AF_INET, SOCK_STREAM, 0); }), 0);
  EXPECT_EQ(error_of(filter, [] { return personality(0xffffffff); }), 0);
  EXPECT_EQ(error_of(filter,
                     [] {
                       const pid_t child = fork();
                       if (child == 0) {
                         execl("/bin/sh", "sh", "-c", "ls / >/dev/null", nullptr);
                         _exit(1);
                       }
                       int status = 0;
                       return waitpid(child, &status, 0) == child && status == 0 ? 0L : -1L;
                     }),
            0);
}

TEST(DefaultSeccomp, SEC6_CLibrariesFallBackFromClone3) {
  const SeccompFilter filter = compiled(default_seccomp_profile(0));
  EXPECT_EQ(error_of(filter, [] { return syscall(SYS_clone3, nullptr, 0); }), ENOSYS);
}

TEST(DefaultSeccomp, SEC6_CallsThatNobodyKnewAreNotImplemented) {
  const SeccompFilter filter = compiled(default_seccomp_profile(0));
  EXPECT_EQ(error_of(filter, [] { return syscall(9999); }), ENOSYS);
}

TEST(DefaultSeccomp, SEC6_CapabilitiesOpenTheirCalls) {
  const SeccompFilter filter = compiled(default_seccomp_profile(kAllCapabilities));
  EXPECT_EQ(error_of(filter, [] { return syscall(SYS_clone3, nullptr, 0); }), EINVAL);
  EXPECT_NE(error_of(filter, [] { return syscall(SYS_bpf, 0, nullptr, 0); }), EPERM);
}

TEST(DefaultSeccomp, FitsTheKernel) {
  EXPECT_LE(compiled(default_seccomp_profile(0)).program.size(), 4096U * 8);
  EXPECT_LE(compiled(default_seccomp_profile(kAllCapabilities)).program.size(), 4096U * 8);
}

TEST(SeccompJson, SEC6_ActionsErrorNumbersAndKills) {
  const SeccompFilter filter = parsed(R"({
    "defaultAction": "SCMP_ACT_ALLOW",
    "syscalls": [
      {"names": ["getpriority", "no_such_call"], "action": "SCMP_ACT_ERRNO", "errnoRet": 11},
      {"names": ["getsid"], "action": "SCMP_ACT_KILL_PROCESS"},
      {"name": "uname", "action": "SCMP_ACT_ERRNO"}
    ]})");
  EXPECT_EQ(error_of(filter, [] { return syscall(SYS_getpriority, 0, 0); }), 11);
  EXPECT_EQ(error_of(filter, [] { return syscall(SYS_uname, nullptr); }), EPERM);
  EXPECT_EQ(WTERMSIG(under(filter, [] { return int(syscall(SYS_getsid, 0)); })), SIGSYS);
}

TEST(SeccompJson, SEC6_ArgumentsAllHoldAndTwoOfOneIndexEither) {
  const SeccompFilter filter = parsed(R"({
    "defaultAction": "SCMP_ACT_ALLOW",
    "syscalls": [
      {"names": ["dup2"], "action": "SCMP_ACT_ERRNO", "errnoRet": 12, "args": [
        {"index": 0, "value": 100, "op": "SCMP_CMP_EQ"},
        {"index": 1, "value": 200, "op": "SCMP_CMP_EQ"}]},
      {"names": ["getsid"], "action": "SCMP_ACT_ERRNO", "errnoRet": 13, "args": [
        {"index": 0, "value": 7, "op": "SCMP_CMP_EQ"},
        {"index": 0, "value": 255, "valueTwo": 8, "op": "SCMP_CMP_MASKED_EQ"}]}
    ]})");
  EXPECT_EQ(error_of(filter, [] { return syscall(SYS_dup2, 100, 200); }), 12);
  EXPECT_EQ(error_of(filter, [] { return syscall(SYS_dup2, 100, 201); }), EBADF);
  EXPECT_EQ(error_of(filter, [] { return syscall(SYS_getsid, 7); }), 13);
  EXPECT_EQ(error_of(filter, [] { return syscall(SYS_getsid, 0x108); }), 13);
  EXPECT_EQ(error_of(filter, [] { return syscall(SYS_getsid, 0); }), 0);
}

TEST(SeccompJson, SEC6_EntriesForOthersArePassedOver) {
  const std::string text = R"({
    "defaultAction": "SCMP_ACT_ALLOW",
    "archMap": [{"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86"]},
                {"architecture": "SCMP_ARCH_S390X", "subArchitectures": ["SCMP_ARCH_S390"]}],
    "syscalls": [
      {"names": ["getsid"], "action": "SCMP_ACT_ERRNO", "excludes": {"caps": ["CAP_SYS_TIME"]}},
      {"names": ["getpgid"], "action": "SCMP_ACT_ERRNO", "includes": {"arches": ["s390x"]}},
      {"names": ["getpriority"], "action": "SCMP_ACT_ERRNO", "includes": {"minKernel": "99.0"}},
      {"names": ["sched_yield"], "action": "SCMP_ACT_ERRNO", "includes": {"minKernel": "4.8"}}
    ]})";
  const SeccompFilter without = parsed(text, 0);
  EXPECT_EQ(error_of(without, [] { return syscall(SYS_getsid, 0); }), EPERM);
  EXPECT_EQ(error_of(parsed(text), [] { return syscall(SYS_getsid, 0); }), 0);
  EXPECT_EQ(error_of(without, [] { return syscall(SYS_getpgid, 0); }), 0);
  EXPECT_EQ(error_of(without, [] { return syscall(SYS_getpriority, 0, 0); }), 0);
  EXPECT_EQ(error_of(without, [] { return syscall(SYS_sched_yield); }), EPERM);
}

TEST(SeccompJson, ErrorsSayWhere) {
  EXPECT_THAT(parse_error(R"({"defaultAction": "SCMP_ACT_NOTIFY"})"),
              HasSubstr("action \"SCMP_ACT_NOTIFY\" is not known"));
  EXPECT_THAT(parse_error(R"({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
      {"names": ["read"], "action": "SCMP_ACT_LOG", "args": [{"index": 6, "op": "SCMP_CMP_EQ"}]}]})"),
              HasSubstr("syscalls[0]: a system call has six arguments"));
  EXPECT_THAT(parse_error("{"), HasSubstr("parse error"));
  for (const char* text : {"[]", "null", "{}", R"({"defaultAction": 1})",
                           R"({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [7]})",
                           R"({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": 7}]})",
                           R"({"defaultAction": "SCMP_ACT_ALLOW", "listenerPath": "/x"})"})
    EXPECT_NE(parse_error(text), "") << text;
}

/// What an OCI runtime is told is what the kernel would have been told.
TEST(SeccompProfile, SEC6_ItsOciFormIsTheSameProfile) {
  for (const CapabilityMask capabilities : {CapabilityMask{0}, kAllCapabilities}) {
    const SeccompProfile profile = default_seccomp_profile(capabilities);
    const auto again = parse_seccomp_profile(to_oci_json(profile), capabilities);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(compiled(*again).program, compiled(profile).program);
  }
}

}  // namespace
}  // namespace podvisor
