#include "runtime/adoption/record_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string_view>

#include "podvisor/fd.h"

namespace podvisor {
namespace {

/// An environment of all that an exec may have, escaped.
constexpr off_t kMaxRecord = 4L * 1024 * 1024;

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t size = ::write(fd, text.data(), text.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(size));
  }
  return true;
}

bool read_all(int fd, std::string& text) {
  std::size_t filled = 0;
  while (filled < text.size()) {
    const ssize_t size = ::read(fd, text.data() + filled, text.size() - filled);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return false;
    filled += static_cast<std::size_t>(size);
  }
  return true;
}

}  // namespace

Status write_record(const std::string& path, const nlohmann::json& record) {
  const std::string fresh = path + ".new";
  const std::string text = record.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  const Fd file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file || !write_all(file.get(), text) || ::rename(fresh.c_str(), path.c_str()) != 0)
    return errno_error("cannot write " + path, errno);
  return {};
}

Result<nlohmann::json> read_record(const std::string& path) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct stat facts {};
  if (!file || ::fstat(file.get(), &facts) != 0) return errno_error("cannot read " + path, errno);
  if (!S_ISREG(facts.st_mode) || facts.st_size > kMaxRecord)
    return make_error("cannot read " + path + ": it is not what podvisor writes");
  std::string text(static_cast<std::size_t>(facts.st_size), '\0');
  if (!read_all(file.get(), text)) return errno_error("cannot read " + path, errno);
  auto record = nlohmann::json::parse(text, nullptr, false);
  if (!record.is_object()) return make_error("cannot read " + path + ": it is no JSON object");
  return record;
}

}  // namespace podvisor
