#include "daemon/state_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>

namespace podvisor {
namespace {

std::string holder(int fd) {
  std::array<char, 32> text{};
  const ssize_t size = ::pread(fd, text.data(), text.size(), 0);
  const std::string pid(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  const bool digits = !pid.empty() && pid.find_first_not_of("0123456789") == std::string::npos;
  return digits ? "pid " + pid : "another process";
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
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0)
    return make_error("another podvisor (" + holder(fd.get()) + ") uses the state directory " +
                      state_dir + "; stop it, or pass another directory with --state-dir");
  // It is for people. A full disk that does not take it keeps nobody from starting.
  const std::string pid = std::to_string(::getpid());
  if (::ftruncate(fd.get(), 0) == 0)
    static_cast<void>(::pwrite(fd.get(), pid.data(), pid.size(), 0) > 0);
  return fd;
}

}  // namespace podvisor
