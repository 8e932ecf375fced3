// What the compiler, and protocol.cc, expect of a C library's <string.h>. The empty asm keeps the
// compiler from recognising a loop as the very function that it implements.
#include <cstddef>

extern "C" {

void* memcpy(void* to, const void* from, std::size_t size) {
  auto* out = static_cast<char*>(to);
  const auto* in = static_cast<const char*>(from);
  for (std::size_t i = 0; i < size; ++i) {
    out[i] = in[i];
    asm volatile("");
  }
  return to;
}

void* memset(void* to, int value, std::size_t size) {
  auto* out = static_cast<char*>(to);
  for (std::size_t i = 0; i < size; ++i) {
    out[i] = static_cast<char>(value);
    asm volatile("");
  }
  return to;
}

void* memchr(const void* in, int value, std::size_t size) {
  auto* bytes = static_cast<char*>(const_cast<void*>(in));
  for (std::size_t i = 0; i < size; ++i)
    if (bytes[i] == static_cast<char>(value)) return bytes + i;
  return nullptr;
}

std::size_t strlen(const char* text) {
  std::size_t size = 0;
  while (text[size] != '\0') {
    ++size;
    asm volatile("");
  }
  return size;
}

int strncmp(const char* a, const char* b, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i)
    if (a[i] != b[i] || a[i] == '\0') return a[i] - b[i];
  return 0;
}

}  // extern "C"
