// What nobody can do without who runs a program in a container: fork, setns, exec, wait. Prints the
// CPU of one run in milliseconds. Run by images_bench.py: setns_exec PID COUNT PROGRAM
#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

double cpu_of(int who) {
  rusage usage{};
  ::getrusage(who, &usage);
  const auto ms = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_usec) / 1e3;
  };
  return ms(usage.ru_utime) + ms(usage.ru_stime);
}

int wait_for(pid_t pid) {
  int status = -1;
  ::waitpid(pid, &status, 0);
  return status;
}

/// A pid namespace is only entered by a child of who joins it.
[[noreturn]] void enter_and_run(const std::vector<int>& namespaces, const char* program) {
  for (const int fd : namespaces)
    if (::setns(fd, 0) != 0) ::_exit(126);
  const pid_t inner = ::vfork();
  if (inner == 0) {
    ::execl(program, program, nullptr);
    ::_exit(127);
  }
  ::_exit(wait_for(inner) == 0 ? 0 : 1);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  std::vector<int> namespaces;
  for (const char* kind : {"ipc", "uts", "net", "pid", "mnt"}) {
    const std::string path = "/proc/" + std::string(argv[1]) + "/ns/" + kind;
    namespaces.push_back(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  }
  const int count = std::atoi(argv[2]);
  const double before = cpu_of(RUSAGE_SELF) + cpu_of(RUSAGE_CHILDREN);
  for (int i = 0; i < count; ++i) {
    const pid_t child = ::fork();
    if (child == 0) enter_and_run(namespaces, argv[3]);
    if (wait_for(child) != 0) return 1;
  }
  std::printf("%f\n", (cpu_of(RUSAGE_SELF) + cpu_of(RUSAGE_CHILDREN) - before) / count);
}
