#include "state/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>

namespace podvisor::state {
namespace {

constexpr const char* kFresh = ".new";  // no name of ours begins with a dot
constexpr const char* kSpare = ".spare";
constexpr const char* kSetAside = ".set-aside";

Result<std::string> read_all(int fd, const std::string& name) {
  std::string text;
  std::array<char, 16384> buffer{};
  while (text.size() <= kMaxBytes) {
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno_error("read " + name, errno);
    if (got == 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return make_error(name + " is larger than any that podvisor writes");
}

Status write_all(int fd, const std::string& text, const std::string& name) {
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t wrote = ::write(fd, text.data() + done, text.size() - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return errno_error("write " + name, errno);
    done += static_cast<std::size_t>(wrote);
  }
  return {};
}

Result<Fd> write_fresh(int directory, const std::string& name, const std::string& text) {
  // What is left of an attempt that was cut short is in the way, and nobody's.
  if (::unlinkat(directory, kFresh, 0) != 0 && errno != ENOENT)
    return errno_error("unlink what is left of " + name, errno);
  Fd fd(::openat(directory, kFresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) return errno_error("create " + name, errno);
  if (Status written = write_all(fd.get(), text, name); !written)
    return tl::unexpected(written.error());
  return fd;
}

}  // namespace

Result<Fd> open_directory(int parent, const std::string& directory) {
  if (::mkdirat(parent, directory.c_str(), 0700) != 0 && errno != EEXIST)
    return errno_error("make the directory " + directory, errno);
  Fd fd(::openat(parent, directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd) return errno_error("open the directory " + directory, errno);
  return fd;
}

Result<std::string> read_file(int directory, const std::string& name) {
  const Fd fd(::openat(directory, name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!fd) return errno_error("open " + name, errno);
  struct stat about {};
  if (::fstat(fd.get(), &about) != 0 || !S_ISREG(about.st_mode))
    return make_error(name + " is not a regular file");
  return read_all(fd.get(), name);
}

Result<Fd> replace_file(int directory, const std::string& name, const std::string& text) {
  Result<Fd> written = write_fresh(directory, name, text);
  if (written && ::renameat(directory, kFresh, directory, name.c_str()) != 0)
    return errno_error("rename " + name, errno);
  return written;
}

Status rewrite_file(int directory, const std::string& name, const std::string& text) {
  const Fd spare(::openat(directory, kSpare, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!spare) return errno_error("create " + name, errno);
  if (Status written = write_all(spare.get(), text, name); !written) return written;
  // Afterwards, as a file that was emptied is flushed when it is closed.
  if (::ftruncate(spare.get(), static_cast<off_t>(text.size())) != 0)
    return errno_error("shorten " + name, errno);
  if (::renameat2(directory, kSpare, directory, name.c_str(), RENAME_EXCHANGE) == 0) return {};
  // There is none yet, or the filesystem cannot do it.
  if (::renameat(directory, kSpare, directory, name.c_str()) == 0) return {};
  return errno_error("rename " + name, errno);
}

void remove_unfinished(int directory) {
  for (const char* name : {kFresh, kSpare}) ::unlinkat(directory, name, 0);
}

Status remove_file(int directory, const std::string& name) {
  if (::unlinkat(directory, name.c_str(), 0) == 0 || errno == ENOENT) return {};
  return errno_error("unlink " + name, errno);
}

Status set_aside(int directory, const std::string& name) {
  const std::string aside = name + kSetAside;
  if (::renameat(directory, name.c_str(), directory, aside.c_str()) == 0) return {};
  return errno_error("rename " + name + " to " + aside, errno);
}

std::vector<std::string> names_in(int directory) {
  std::vector<std::string> names;
  Fd own(::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  DIR* stream = own ? ::fdopendir(own.get()) : nullptr;
  if (stream == nullptr) return names;
  static_cast<void>(own.release());  // the stream's now
  while (const dirent* entry = ::readdir(stream)) {
    std::string name = entry->d_name;
    if (name.front() != '.' && !name.ends_with(kSetAside)) names.push_back(std::move(name));
  }
  ::closedir(stream);
  std::ranges::sort(names);
  return names;
}

}  // namespace podvisor::state
