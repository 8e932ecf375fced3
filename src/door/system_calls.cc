// Which system calls are left to podvisor-door; see confinement.h.
#include <fcntl.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "door/confinement.h"

namespace podvisor::door {
namespace {

#ifdef PODVISOR_SANITIZED
constexpr bool kFiltered = false;
#else
constexpr bool kFiltered = true;
#endif

using Filter = std::remove_pointer_t<scmp_filter_ctx>;
using FilterPtr = std::unique_ptr<Filter, decltype(&seccomp_release)>;

/// Serving, time, memory, the log's line, and threads: they may be beginning still when the filter
/// comes.
constexpr int kServing[] = {SCMP_SYS(epoll_wait),     SCMP_SYS(epoll_pwait),
                            SCMP_SYS(recvfrom),       SCMP_SYS(sendmsg),
                            SCMP_SYS(accept4),        SCMP_SYS(close),
                            SCMP_SYS(connect),        SCMP_SYS(epoll_ctl),
                            SCMP_SYS(splice),         SCMP_SYS(futex),
                            SCMP_SYS(read),           SCMP_SYS(write),
                            SCMP_SYS(setsockopt),     SCMP_SYS(getsockopt),
                            SCMP_SYS(getsockname),    SCMP_SYS(getpeername),
                            SCMP_SYS(shutdown),       SCMP_SYS(recvmsg),
                            SCMP_SYS(sendto),         SCMP_SYS(readv),
                            SCMP_SYS(writev),         SCMP_SYS(pipe2),
                            SCMP_SYS(fcntl),          SCMP_SYS(fstat),
                            SCMP_SYS(newfstatat),     SCMP_SYS(clock_gettime),
                            SCMP_SYS(gettimeofday),   SCMP_SYS(clock_nanosleep),
                            SCMP_SYS(nanosleep),      SCMP_SYS(restart_syscall),
                            SCMP_SYS(munmap),         SCMP_SYS(mremap),
                            SCMP_SYS(madvise),        SCMP_SYS(brk),
                            SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn),
                            SCMP_SYS(rt_sigaction),   SCMP_SYS(sigaltstack),
                            SCMP_SYS(getpid),         SCMP_SYS(gettid),
                            SCMP_SYS(geteuid),        SCMP_SYS(sched_yield),
                            SCMP_SYS(membarrier),     SCMP_SYS(sched_getaffinity),
                            SCMP_SYS(getrandom),      SCMP_SYS(set_robust_list),
                            SCMP_SYS(rseq),           SCMP_SYS(exit),
                            SCMP_SYS(exit_group)};

constexpr int kIntruders[] = {SCMP_SYS(execve),
                              SCMP_SYS(execveat),
                              SCMP_SYS(fork),
                              SCMP_SYS(vfork),
                              SCMP_SYS(ptrace),
                              SCMP_SYS(process_vm_readv),
                              SCMP_SYS(process_vm_writev),
                              SCMP_SYS(mount),
                              SCMP_SYS(umount2),
                              SCMP_SYS(open_tree),
                              SCMP_SYS(move_mount),
                              SCMP_SYS(fsopen),
                              SCMP_SYS(pivot_root),
                              SCMP_SYS(chroot),
                              SCMP_SYS(setns),
                              SCMP_SYS(unshare),
                              SCMP_SYS(bpf),
                              SCMP_SYS(perf_event_open),
                              SCMP_SYS(userfaultfd),
                              SCMP_SYS(io_uring_setup),
                              SCMP_SYS(keyctl),
                              SCMP_SYS(add_key),
                              SCMP_SYS(request_key),
                              SCMP_SYS(init_module),
                              SCMP_SYS(finit_module),
                              SCMP_SYS(kexec_load),
                              SCMP_SYS(kexec_file_load),
                              SCMP_SYS(pidfd_getfd),
                              SCMP_SYS(open_by_handle_at)};

/// A call that this architecture has not is none to speak of.
bool add(Filter* filter, std::uint32_t action, int call) {
  const int error = seccomp_rule_add(filter, action, call, 0);
  return error == 0 || error == -EDOM || error == -EINVAL;
}

bool allow_if(Filter* filter, int call, const scmp_arg_cmp& condition) {
  return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, 1, &condition) == 0;
}

/// Memory may be had, but never as code: the third argument is what may be done with it.
bool allow_data(Filter* filter, int call) {
  return allow_if(filter, call, {2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0});
}

bool allow_when(Filter* filter, int call, std::uint64_t first_argument) {
  return allow_if(filter, call, {0, SCMP_CMP_EQ, first_argument, 0});
}

bool fill(Filter* filter) {
  bool done = true;
  for (const int call : kServing) done = done && add(filter, SCMP_ACT_ALLOW, call);
  for (const int call : kIntruders) done = done && add(filter, SCMP_ACT_KILL_PROCESS, call);
  return done && allow_data(filter, SCMP_SYS(mmap)) && allow_data(filter, SCMP_SYS(mprotect)) &&
         allow_when(filter, SCMP_SYS(socket), AF_INET) &&
         allow_when(filter, SCMP_SYS(socket), AF_INET6) &&
         allow_when(filter, SCMP_SYS(prctl), PR_SET_NAME) &&
         allow_when(filter, SCMP_SYS(tgkill), static_cast<std::uint64_t>(getpid()));  // abort()
}

}  // namespace

Status limit_system_calls() {
  if (!kFiltered) return {};
  const FilterPtr filter(seccomp_init(SCMP_ACT_ERRNO(ENOSYS)), seccomp_release);
  if (!filter || !fill(filter.get())) return make_error("cannot make a filter of system calls");
  seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_TSYNC, 1);  // every thread, not this one alone
  seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_LOG, 1);
  // Kernels before 5.16 would slow every thread under a filter down, to protect what runs code that
  // is not its own.
  seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_SSB, 1);
  const int error = seccomp_load(filter.get());
  if (error != 0) return errno_error("cannot limit the door's system calls", -error);
  return {};
}

}  // namespace podvisor::door
