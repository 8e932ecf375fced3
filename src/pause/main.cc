// Holds a pod's namespaces and is the parent of everything that runs in it. No policy in here, and
// no C library.
#include <cstring>

#include "pause/kernel.h"
#include "pause/server.h"
#include "pause/setup.h"

namespace podvisor::pause {
namespace {

int run(int argc, char** argv) {
  // What an OCI runtime is tried with: a program that needs nothing and ends at once.
  if (argc == 2 && std::strncmp(argv[1], "--version", 10) == 0) return 0;
  Options options;
  if (!parse_options(argc, argv, options)) {
    constexpr const char* kUsage = "podvisor-pause is started by podvisor, not by hand\n";
    sys(SYS_write, 2, kUsage, std::strlen(kUsage));
    return 2;
  }
  const int signal_fd = become_pause(options);
  if (signal_fd < 0) return 1;
  Failure failure = make_namespaces(options);
  const long init = options.pid && failure.step == Step::None ? start_init() : 0;
  if (init < 0) failure = {Step::PidNamespace, static_cast<int>(-init), 0};
  if (failure.step != Step::None) {
    refuse(failure);
    return 1;
  }
  Server(signal_fd, static_cast<pid_t>(init)).run();
  return 0;
}

}  // namespace
}  // namespace podvisor::pause

/// Called with the stack as the kernel hands it over: argc, then argv.
extern "C" [[noreturn, gnu::used]] void start(long* stack) {
  using namespace podvisor::pause;
  exit_process(run(static_cast<int>(stack[0]), reinterpret_cast<char**>(stack + 1)));
}

#if defined(__x86_64__)
asm(".globl _start\n_start:\n  xor %ebp, %ebp\n  mov %rsp, %rdi\n  and $-16, %rsp\n  call start\n");
#elif defined(__aarch64__)
asm(".globl _start\n_start:\n  mov x29, #0\n  mov x0, sp\n  bl start\n");
#endif
