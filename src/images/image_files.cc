#include "images/image_files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>

namespace podvisor {
namespace {

namespace fs = std::filesystem;

Status write_all(int fd, const std::string& text) {
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t size = ::write(fd, text.data() + done, text.size() - done);
    if (size < 0 && errno != EINTR) return errno_error("write", errno);
    if (size > 0) done += static_cast<std::size_t>(size);
  }
  return {};
}

Status sync_directory(const std::string& path) {
  const Fd directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory || ::fsync(directory.get()) != 0) return errno_error("cannot sync " + path, errno);
  return {};
}

}  // namespace

Result<std::string> read_document(const std::string& path) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file) return errno_error("cannot open " + path, errno);
  std::string text;
  std::array<char, 16384> block{};
  for (ssize_t size = 0; (size = ::read(file.get(), block.data(), block.size())) != 0;) {
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return errno_error("cannot read " + path, errno);
    text.append(block.data(), static_cast<std::size_t>(size));
    if (text.size() > kMaxImageDocument)
      return make_error(path + " is larger than any such file should be");
  }
  return text;
}

Status write_document(const std::string& path, const std::string& text) {
  const std::string fresh = path + ".new-" + std::to_string(::getpid());
  const Fd file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) return errno_error("cannot write " + fresh, errno);
  Status written = write_all(file.get(), text);
  if (written && ::fsync(file.get()) != 0) written = errno_error("fsync", errno);
  if (written && ::rename(fresh.c_str(), path.c_str()) != 0) written = errno_error("rename", errno);
  if (!written) {
    ::unlink(fresh.c_str());
    return with_context("cannot write " + path, written.error());
  }
  return sync_directory(fs::path(path).parent_path());
}

Status make_store_directory(const std::string& path) {
  std::error_code error;
  fs::create_directories(fs::path(path).parent_path(), error);
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
    return errno_error("cannot make " + path + " (pass another directory with --state-dir)", errno);
  return {};
}

Result<Fd> lock_file(const std::string& path, int operation) {
  Fd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) return errno_error("cannot open " + path, errno);
  while (::flock(file.get(), operation) != 0)
    if (errno != EINTR) return errno_error("cannot lock " + path, errno);
  return file;
}

Status remove_all(const std::string& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error) return errno_error("cannot remove " + path, error.value());
  return {};
}

}  // namespace podvisor
