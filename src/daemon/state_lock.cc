#include "daemon/state_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <system_error>
#include <thread>

namespace podvisor {
namespace {

constexpr auto kPatience = std::chrono::seconds(5);
constexpr auto kPeriod = std::chrono::milliseconds(10);

/// 0: the file does not say.
pid_t holder(int fd) {
  std::array<char, 32> text{};
  const ssize_t size = ::pread(fd, text.data(), text.size() - 1, 0);
  pid_t pid = 0;
  std::from_chars(text.data(), text.data() + std::max<ssize_t>(size, 0), pid);
  return pid;
}

std::string name_of(pid_t pid) {
  return pid > 0 ? "pid " + std::to_string(pid) : "another process";
}

bool is_gone(pid_t pid) { return pid > 0 && ::kill(pid, 0) != 0 && errno == ESRCH; }

/// A process that podvisor was starting when it was killed has its descriptors, and so its lock,
/// for the moment until it executes.
bool lock(int fd) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (!is_gone(holder(fd)) || std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(kPeriod);
  }
  return true;
}

}  // namespace

Result<Fd> lock_state_dir(const std::string& state_dir) {
  std::error_code error;
  std::filesystem::create_directories(state_dir, error);
  if (error)
    return make_error("cannot make the state directory " + state_dir + ": " + error.message() +
                          "; pass another with --state-dir",
                      error.value());
  const std::string path = state_dir + "/lock";
  Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) return errno_error("open " + path + " (pass another directory with --state-dir)", errno);
  if (!lock(fd.get()))
    return make_error("another podvisor (" + name_of(holder(fd.get())) +
                      ") uses the state directory " + state_dir +
                      "; stop it, or pass another directory with --state-dir");
  // It is for people. A full disk that does not take it keeps nobody from starting.
  const std::string pid = std::to_string(::getpid());
  if (::ftruncate(fd.get(), 0) == 0)
    static_cast<void>(::pwrite(fd.get(), pid.data(), pid.size(), 0) > 0);
  return fd;
}

}  // namespace podvisor
