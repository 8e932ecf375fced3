#include "runtime/adoption/process_identity.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <cstdlib>

#include "runtime/pidfd.h"

namespace podvisor {
namespace {

/// The start of it, which is all of what is read here.
std::string read_small(const std::string& path) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, 4096> text{};
  const ssize_t size = file ? ::read(file.get(), text.data(), text.size()) : -1;
  return {text.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
}

}  // namespace

/// The name in parentheses is whatever the process likes, so fields are counted from its end.
ProcessIdentity identify(pid_t pid) {
  constexpr int kFieldsBetween = 20;  // state is the first behind the name, start time the 20th
  const std::string text = read_small("/proc/" + std::to_string(pid) + "/stat");
  std::size_t at = text.rfind(')');
  for (int field = 0; field < kFieldsBetween && at != std::string::npos; ++field)
    at = text.find(' ', at + 1);
  if (at == std::string::npos) return {pid, 0};
  return {pid, std::strtoull(text.c_str() + at, nullptr, 10)};
}

Fd open_process(const ProcessIdentity& process) {
  if (process.pid <= 0 || process.started == 0) return {};
  Fd pidfd = open_pidfd(process.pid);
  if (!pidfd || identify(process.pid) != process) return {};  // read after it was opened
  return pidfd;
}

std::string namespace_name(pid_t pid, const char* name) {
  const std::string path = "/proc/" + std::to_string(pid) + "/ns/" + name;
  std::array<char, 64> text{};
  const ssize_t size = ::readlink(path.c_str(), text.data(), text.size());
  return {text.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
}

std::string boot_id() {
  std::string id = read_small("/proc/sys/kernel/random/boot_id");
  while (!id.empty() && id.back() == '\n') id.pop_back();
  return id;
}

}  // namespace podvisor
