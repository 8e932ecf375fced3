#include "pause/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/ioctl.h>

#include <cstring>

#include "pause/launch_steps.h"

namespace podvisor::pause {
namespace {

/// v1. Writing 0 moves the writing thread alone, without the lock (and its RCU wait) that moving a
/// process by its pid takes.
void enter_cgroups(Launch& launch) {
  for (const int tasks : launch.spawn->cgroup_tasks.span())
    require(launch, Step::Cgroup, sys(SYS_write, tasks, "0", 1));
}

/// Lowering it is allowed to few: going without is better than not starting.
void set_oom_score_adj(int value) {
  char text[8];
  char* end = text + sizeof text;
  char* begin = end;
  int rest = value < 0 ? -value : value;
  do {
    *--begin = static_cast<char>('0' + rest % 10);
    rest /= 10;
  } while (rest != 0);
  if (value < 0) *--begin = '-';
  const long fd = sys(SYS_openat, AT_FDCWD, "/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (fd < 0) return;
  sys(SYS_write, fd, begin, end - begin);
  sys(SYS_close, fd);
}

void join_namespaces(Launch& launch) {
  for (const int fd : launch.spawn->namespaces.span())
    require(launch, Step::JoinNamespace, sys(SYS_setns, fd, 0));
}

void attach_stdio(Launch& launch) {
  for (int i = 0; i < 3; ++i) {
    const int fd = launch.spawn->stdio[i];
    if (fd >= 0) require(launch, Step::Stdio, sys(SYS_dup3, fd, i, 0));
  }
}

const char* find_path(char** env) {
  for (; *env != nullptr; ++env)
    if (std::strncmp(*env, "PATH=", 5) == 0) return *env + 5;
  return "";
}

std::size_t size_up_to_colon(const char* text) {
  std::size_t size = 0;
  while (text[size] != '\0' && text[size] != ':') ++size;
  return size;
}

/// Tries each directory of the container's own PATH, inside its own mounts and as its own user.
/// Relative and empty entries are skipped. The error is EACCES if any candidate gave it, as
/// execvp's.
long search_and_execute(const SpawnView& spawn) {
  const char* name = spawn.argv[0];
  const std::size_t name_size = std::strlen(name) + 1;
  long error = -ENOENT;
  char path[4096];
  for (const char* directory = find_path(spawn.env); *directory != '\0';) {
    const std::size_t size = size_up_to_colon(directory);
    if (*directory == '/' && size + 1 + name_size <= sizeof path) {
      std::memcpy(path, directory, size);
      path[size] = '/';
      std::memcpy(path + size + 1, name, name_size);
      const long result = sys(SYS_execve, path, spawn.argv, spawn.env);
      if (result != -ENOENT && result != -ENOTDIR) error = result;
      if (error != -ENOENT && error != -EACCES) break;
    }
    directory += size + (directory[size] == ':' ? 1 : 0);
  }
  return error;
}

[[noreturn, gnu::noinline]] void become_program(Launch& launch) {
  const SpawnView& spawn = *launch.spawn;
  require(launch, Step::Session, sys(SYS_setsid));
  make_mounts(launch);
  attach_stdio(launch);
  if (spawn.terminal) require(launch, Step::Terminal, sys(SYS_ioctl, 0, TIOCSCTTY, 0));
  if (spawn.working_directory != nullptr)
    require(launch, Step::WorkingDirectory, sys(SYS_chdir, spawn.working_directory));
  const unsigned long no_signals = 0;
  sys(SYS_rt_sigprocmask, SIG_SETMASK, &no_signals, 0, sizeof no_signals);
  become_user(launch);
  const bool is_path = std::memchr(spawn.argv[0], '/', std::strlen(spawn.argv[0])) != nullptr;
  give_up(
      launch, Step::Exec,
      is_path ? sys(SYS_execve, spawn.argv[0], spawn.argv, spawn.env) : search_and_execute(spawn));
}

/// Who joins a pid namespace stays outside; who is born then is inside, and pause's own child.
[[noreturn, gnu::noinline]] void be_born_inside(Launch& launch) {
  asm volatile("" : : "r"(&launch) : "memory");
  const long pid = call(SYS_clone, CLONE_VM | CLONE_VFORK | CLONE_PARENT, 0, 0, 0, 0, 0);
  if (pid == 0) become_program(launch);
  require(launch, Step::Clone, pid);
  launch.inner_pid = static_cast<pid_t>(pid);
  exit_process(0);
}

/// Never returns to the frame it shares with the parent.
[[noreturn, gnu::noinline]] void run_child(Launch& launch) {
  enter_cgroups(launch);
  if (launch.spawn->set_oom_score_adj) set_oom_score_adj(launch.spawn->oom_score_adj);
  join_namespaces(launch);
  if (launch.spawn->pid_namespace) be_born_inside(launch);
  become_program(launch);
}

/// The child runs on the parent's stack, below the parent's frame. The compiler is told that
/// `launch` goes into the kernel: it could not know that the child has written to it by the time
/// the parent goes on.
[[gnu::noinline]] long clone_child(long number, long first, long second, Launch& launch) {
  asm volatile("" : : "r"(&launch) : "memory");
  const long result = call(number, first, second, 0, 0, 0, 0);
  if (result == 0) run_child(launch);
  return result;
}

/// clone3 only where a cgroup v2 asks for it: many container engines' seccomp filters refuse it.
long start_child(Launch& launch) {
  constexpr long kFlags = CLONE_VM | CLONE_VFORK;
  if (launch.spawn->cgroup_directory < 0)
    return clone_child(SYS_clone, kFlags | SIGCHLD, 0, launch);
  clone_args args{};
  args.flags = kFlags | CLONE_INTO_CGROUP;
  args.exit_signal = SIGCHLD;
  args.cgroup = static_cast<std::uint64_t>(launch.spawn->cgroup_directory);
  return clone_child(SYS_clone3, reinterpret_cast<long>(&args), sizeof args, launch);
}

long open_namespace(const char* path) {
  return sys(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
}

}  // namespace

pid_t launch(const SpawnView& spawn, Failure& failure) {
  Launch launch{&spawn, {}, 0};
  const long pid = start_child(launch);
  if (pid < 0) {
    failure = {Step::Clone, static_cast<int>(-pid), 0};
    return 0;
  }
  failure = launch.failure;
  const bool went_between = launch.inner_pid != 0;
  if (failure.step == Step::None && !went_between) return static_cast<pid_t>(pid);
  sys(SYS_wait4, pid, 0, 0, 0);
  if (failure.step == Step::None) return launch.inner_pid;
  if (went_between) sys(SYS_wait4, launch.inner_pid, 0, 0, 0);
  return 0;
}

pid_t launch_outside(const SpawnView& spawn, Failure& failure) {
  const long own = open_namespace("/proc/self/ns/pid");
  const long childrens = open_namespace("/proc/self/ns/pid_for_children");
  long joined = own < 0 ? own : childrens;
  if (joined >= 0) joined = sys(SYS_setns, own, CLONE_NEWPID);
  pid_t pid = 0;
  if (joined < 0)
    failure = {Step::JoinNamespace, static_cast<int>(-joined), 0};
  else
    pid = launch(spawn, failure);
  if (joined >= 0) sys(SYS_setns, childrens, CLONE_NEWPID);
  if (own >= 0) close_fd(static_cast<int>(own));
  if (childrens >= 0) close_fd(static_cast<int>(childrens));
  return pid;
}

}  // namespace podvisor::pause
