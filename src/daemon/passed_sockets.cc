#include "daemon/passed_sockets.h"

#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <optional>
#include <sstream>

namespace podvisor {
namespace {

constexpr int kMostPassed = 4096;

std::string take(const char* name) {
  const char* value = std::getenv(name);
  std::string taken = value == nullptr ? "" : value;
  ::unsetenv(name);
  return taken;
}

std::optional<int> whole_number(const std::string& text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

PassedSockets take_passed_sockets(int first) {
  const auto count = whole_number(take("LISTEN_FDS"));
  const auto pid = whole_number(take("LISTEN_PID"));
  std::istringstream names(take("LISTEN_FDNAMES"));
  PassedSockets passed;
  if (!count || pid != ::getpid() || *count > kMostPassed) return passed;
  for (int fd = first; fd < first + *count; ++fd)
    if (::fcntl(fd, F_SETFD, FD_CLOEXEC) == 0) passed.sockets.emplace_back(fd);
  for (std::string name; std::getline(names, name, ':');) passed.names.insert(name);
  return passed;
}

}  // namespace podvisor
