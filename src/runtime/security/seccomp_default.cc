// The profile RuntimeDefault, in groups. It is an allow-list: what the kernel learns later is
// refused until it has been looked at.
#include <linux/capability.h>
#include <sched.h>
#include <sys/socket.h>

#include "runtime/security/seccomp_profile.h"

namespace podvisor {
namespace {

using Names = std::vector<std::string>;

const Names kFiles{
    "access", "chdir", "chmod", "chown", "chown32", "close", "close_range", "copy_file_range",
    "creat", "dup", "dup2", "dup3", "faccessat", "faccessat2", "fadvise64", "fadvise64_64",
    "fallocate", "fanotify_mark", "fchdir", "fchmod", "fchmodat", "fchmodat2", "fchown", "fchown32",
    "fchownat", "fcntl", "fcntl64", "fdatasync", "flock", "fstat", "fstat64", "fstatat64",
    "fstatfs", "fstatfs64", "fsync", "ftruncate", "ftruncate64", "futimesat", "getcwd", "getdents",
    "getdents64", "inotify_add_watch", "inotify_init", "inotify_init1", "inotify_rm_watch", "ioctl",
    "lchown", "lchown32", "link", "linkat", "_llseek", "lseek", "lstat", "lstat64", "mkdir",
    "mkdirat", "mknod", "mknodat", "name_to_handle_at", "newfstatat", "open", "openat", "openat2",
    "pread64", "preadv", "preadv2", "pwrite64", "pwritev", "pwritev2", "read", "readahead",
    "readlink", "readlinkat", "readv", "rename", "renameat", "renameat2", "rmdir", "sendfile",
    "sendfile64", "splice", "stat", "stat64", "statfs", "statfs64", "statx", "symlink", "symlinkat",
    "sync", "sync_file_range", "syncfs", "tee", "truncate", "truncate64", "umask", "unlink",
    "unlinkat", "utime", "utimensat", "utimensat_time64", "utimes", "vmsplice", "write", "writev",
    // Extended attributes.
    "fgetxattr", "flistxattr", "fremovexattr", "fsetxattr", "getxattr", "lgetxattr", "listxattr",
    "llistxattr", "lremovexattr", "lsetxattr", "removexattr", "setxattr"};

const Names kMemory{"brk",
                    "madvise",
                    "map_shadow_stack",
                    "membarrier",
                    "memfd_create",
                    "memfd_secret",
                    "mincore",
                    "mlock",
                    "mlock2",
                    "mlockall",
                    "mmap",
                    "mmap2",
                    "mprotect",
                    "mremap",
                    "msync",
                    "munlock",
                    "munlockall",
                    "munmap",
                    "pkey_alloc",
                    "pkey_free",
                    "pkey_mprotect",
                    "remap_file_pages"};

const Names kProcesses{
    "alarm", "execve", "execveat", "exit", "exit_group", "fork", "getcpu", "getpgid", "getpgrp",
    "getpid", "getppid", "getpriority", "getrandom", "getrlimit", "get_robust_list", "getrusage",
    "getsid", "get_thread_area", "gettid", "ioprio_get", "ioprio_set", "kill", "nanosleep", "pause",
    "pidfd_open", "pidfd_send_signal", "prctl", "prlimit64", "process_mrelease", "process_vm_readv",
    "process_vm_writev", "ptrace", "restart_syscall", "rseq", "rt_sigaction", "rt_sigpending",
    "rt_sigprocmask", "rt_sigqueueinfo", "rt_sigreturn", "rt_sigsuspend", "rt_sigtimedwait",
    "rt_sigtimedwait_time64", "rt_tgsigqueueinfo", "sched_getaffinity", "sched_getattr",
    "sched_getparam", "sched_get_priority_max", "sched_get_priority_min", "sched_getscheduler",
    "sched_rr_get_interval", "sched_rr_get_interval_time64", "sched_setaffinity", "sched_setattr",
    "sched_setparam", "sched_setscheduler", "sched_yield", "seccomp", "setpgid", "setpriority",
    "setrlimit", "set_robust_list", "setsid", "set_thread_area", "set_tid_address", "sigaltstack",
    "signalfd", "signalfd4", "sigprocmask", "sigreturn", "sysinfo", "tgkill", "times", "tkill",
    "ugetrlimit", "uname", "vfork", "wait4", "waitid", "waitpid",
    // Restricting oneself further.
    "landlock_add_rule", "landlock_create_ruleset", "landlock_restrict_self"};

const Names kIdentity{"capget",     "capset",      "getegid",     "getegid32",   "geteuid",
                      "geteuid32",  "getgid",      "getgid32",    "getgroups",   "getgroups32",
                      "getresgid",  "getresgid32", "getresuid",   "getresuid32", "getuid",
                      "getuid32",   "setfsgid",    "setfsgid32",  "setfsuid",    "setfsuid32",
                      "setgid",     "setgid32",    "setgroups",   "setgroups32", "setregid",
                      "setregid32", "setresgid",   "setresgid32", "setresuid",   "setresuid32",
                      "setreuid",   "setreuid32",  "setuid",      "setuid32"};

const Names kWaiting{"epoll_create",
                     "epoll_create1",
                     "epoll_ctl",
                     "epoll_ctl_old",
                     "epoll_pwait",
                     "epoll_pwait2",
                     "epoll_wait",
                     "epoll_wait_old",
                     "eventfd",
                     "eventfd2",
                     "futex",
                     "futex_requeue",
                     "futex_time64",
                     "futex_wait",
                     "futex_waitv",
                     "futex_wake",
                     "io_cancel",
                     "io_destroy",
                     "io_getevents",
                     "io_pgetevents",
                     "io_pgetevents_time64",
                     "io_setup",
                     "io_submit",
                     "_newselect",
                     "pipe",
                     "pipe2",
                     "poll",
                     "ppoll",
                     "ppoll_time64",
                     "pselect6",
                     "pselect6_time64",
                     "select"};

/// A capability, not a filter, is what setting the clock needs.
const Names kTime{"adjtimex",
                  "clock_adjtime",
                  "clock_adjtime64",
                  "clock_getres",
                  "clock_getres_time64",
                  "clock_gettime",
                  "clock_gettime64",
                  "clock_nanosleep",
                  "clock_nanosleep_time64",
                  "getitimer",
                  "gettimeofday",
                  "setitimer",
                  "time",
                  "timer_create",
                  "timer_delete",
                  "timer_getoverrun",
                  "timer_gettime",
                  "timer_gettime64",
                  "timer_settime",
                  "timer_settime64",
                  "timerfd_create",
                  "timerfd_gettime",
                  "timerfd_gettime64",
                  "timerfd_settime",
                  "timerfd_settime64"};

const Names kSockets{"accept",      "accept4",         "bind",       "connect",  "getpeername",
                     "getsockname", "getsockopt",      "listen",     "recv",     "recvfrom",
                     "recvmmsg",    "recvmmsg_time64", "recvmsg",    "send",     "sendmmsg",
                     "sendmsg",     "sendto",          "setsockopt", "shutdown", "socketcall",
                     "socketpair"};

const Names kIpc{"ipc",
                 "mq_getsetattr",
                 "mq_notify",
                 "mq_open",
                 "mq_timedreceive",
                 "mq_timedreceive_time64",
                 "mq_timedsend",
                 "mq_timedsend_time64",
                 "mq_unlink",
                 "msgctl",
                 "msgget",
                 "msgrcv",
                 "msgsnd",
                 "semctl",
                 "semget",
                 "semop",
                 "semtimedop",
                 "semtimedop_time64",
                 "shmat",
                 "shmctl",
                 "shmdt",
                 "shmget"};

/// What a capability opens up; the kernel asks for the capability all the same.
struct Privilege {
  int capability;
  Names names;
};

const std::vector<Privilege> kPrivileges{
    {CAP_SYS_ADMIN, {"bpf",           "clone",         "clone3",      "fanotify_init",   "fsconfig",
                     "fsmount",       "fsopen",        "fspick",      "lookup_dcookie",  "mount",
                     "mount_setattr", "move_mount",    "open_tree",   "perf_event_open", "quotactl",
                     "quotactl_fd",   "setdomainname", "sethostname", "setns",           "syslog",
                     "umount",        "umount2",       "unshare"}},
    {CAP_DAC_READ_SEARCH, {"open_by_handle_at"}},
    {CAP_SYS_BOOT, {"reboot"}},
    {CAP_SYS_CHROOT, {"chroot"}},
    {CAP_SYS_MODULE, {"delete_module", "finit_module", "init_module"}},
    {CAP_SYS_PACCT, {"acct"}},
    {CAP_SYS_PTRACE, {"kcmp", "pidfd_getfd", "process_madvise"}},
    {CAP_SYS_RAWIO, {"ioperm", "iopl"}},
    {CAP_SYS_TIME, {"clock_settime", "clock_settime64", "settimeofday", "stime"}},
    {CAP_SYS_TTY_CONFIG, {"vhangup"}},
    {CAP_SYS_NICE, {"get_mempolicy", "mbind", "set_mempolicy", "set_mempolicy_home_node"}},
    {CAP_SYSLOG, {"syslog"}},
    {CAP_BPF, {"bpf"}},
    {CAP_PERFMON, {"perf_event_open"}},
};

scmp_arg_cmp argument(unsigned index, scmp_compare compare, std::uint64_t first,
                      std::uint64_t second = 0) {
  return {index, compare, first, second};
}

/// Ordinary execution domains, of 32 bits or without randomised addresses, and the question which.
void allow_personalities(SeccompProfile& profile) {
  for (const std::uint64_t persona : {0x0UL, 0x8UL, 0x20000UL, 0x20008UL, 0xffffffffUL})
    profile.rules.push_back({{"personality"}, SCMP_ACT_ALLOW, {argument(0, SCMP_CMP_EQ, persona)}});
}

/// Processes and threads, but no namespaces. clone3's flags are in memory where no filter can look:
/// ENOSYS makes C libraries use clone.
void allow_processes(SeccompProfile& profile) {
  constexpr std::uint64_t kNamespaces = CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |
                                        CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWCGROUP;
  profile.rules.push_back(
      {{"clone"}, SCMP_ACT_ALLOW, {argument(0, SCMP_CMP_MASKED_EQ, kNamespaces, 0)}});
  profile.rules.push_back({{"clone3"}, SCMP_ACT_ERRNO(38), {}});
}

void add_architecture(SeccompProfile& profile) {
#if defined(__x86_64__)
  profile.architectures = {SCMP_ARCH_X86, SCMP_ARCH_X32};
  profile.rules.push_back({{"arch_prctl", "modify_ldt"}, SCMP_ACT_ALLOW, {}});
#elif defined(__aarch64__)
  profile.architectures = {SCMP_ARCH_ARM};
  profile.rules.push_back({{"arm_fadvise64_64", "arm_sync_file_range", "sync_file_range2",
                            "breakpoint", "cacheflush", "set_tls"},
                           SCMP_ACT_ALLOW,
                           {}});
#endif
}

}  // namespace

CapabilityMask seccomp_capabilities() {
  CapabilityMask mask = 0;
  for (const Privilege& privilege : kPrivileges) mask |= capability_bit(privilege.capability);
  return mask;
}

SeccompProfile default_seccomp_profile(CapabilityMask capabilities) {
  SeccompProfile profile;
  for (const Names* names :
       {&kFiles, &kMemory, &kProcesses, &kIdentity, &kWaiting, &kTime, &kSockets, &kIpc})
    profile.rules.push_back({*names, SCMP_ACT_ALLOW, {}});
  // A virtual machine's channel to its host is not the network.
  profile.rules.push_back({{"socket"}, SCMP_ACT_ALLOW, {argument(0, SCMP_CMP_NE, AF_VSOCK)}});
  allow_personalities(profile);
  add_architecture(profile);
  for (const Privilege& privilege : kPrivileges)
    if ((capabilities & capability_bit(privilege.capability)) != 0)
      profile.rules.push_back({privilege.names, SCMP_ACT_ALLOW, {}});
  if ((capabilities & capability_bit(CAP_SYS_ADMIN)) == 0) allow_processes(profile);
  return profile;
}

}  // namespace podvisor
