// System calls without a C library. glibc's static start-up alone would triple pause's memory, and
// a child that shares memory with its parent must not touch a library's state.
#pragma once

#include <sys/syscall.h>

#include <cstddef>

namespace podvisor::pause {

/// Negative: an errno, negated.
inline long call(long number, long a, long b, long c, long d, long e, long f) {
#if defined(__x86_64__)
  long result = number;
  register long r10 asm("r10") = d;
  register long r8 asm("r8") = e;
  register long r9 asm("r9") = f;
  asm volatile("syscall"
               : "+a"(result)
               : "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
               : "rcx", "r11", "memory");
  return result;
#elif defined(__aarch64__)
  register long x8 asm("x8") = number;
  register long x0 asm("x0") = a;
  register long x1 asm("x1") = b;
  register long x2 asm("x2") = c;
  register long x3 asm("x3") = d;
  register long x4 asm("x4") = e;
  register long x5 asm("x5") = f;
  asm volatile("svc 0"
               : "+r"(x0)
               : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
               : "memory", "cc");
  return x0;
#else
#error "podvisor-pause knows x86_64 and aarch64"
#endif
}

/// An argument of a system call: a number or a pointer.
struct Word {
  template <typename T>
  Word(T* pointer) : value(reinterpret_cast<long>(pointer)) {}
  Word(long number) : value(number) {}
  Word(unsigned long number) : value(static_cast<long>(number)) {}
  Word(int number) : value(number) {}
  Word(unsigned number) : value(static_cast<long>(number)) {}
  long value;
};

inline long sys(long number, Word a = 0, Word b = 0, Word c = 0, Word d = 0, Word e = 0,
                Word f = 0) {
  return call(number, a.value, b.value, c.value, d.value, e.value, f.value);
}

inline void close_fd(int fd) { sys(SYS_close, fd); }
[[noreturn]] inline void exit_process(int code) {
  for (;;) sys(SYS_exit_group, code);
}

}  // namespace podvisor::pause
