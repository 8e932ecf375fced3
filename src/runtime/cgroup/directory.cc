#include "runtime/cgroup/directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <limits>
#include <memory>

#include "runtime/cgroup/values.h"

namespace podvisor {
namespace {

/// What can be done about an errno; appended to the error that reports it.
std::string advice(int error_number) {
  switch (error_number) {
    case EACCES:
    case EPERM:
    case EROFS:
      return " (run as root, or in a cgroup that is delegated to this user, as systemd's "
             "Delegate=yes does; or do without with --cgroups=none)";
    case ENOENT:
      return " (is its controller enabled for this cgroup? See cgroup.controllers beside it)";
    case EAGAIN:
      return " (there may be no more of them: see cgroup.max.descendants and cgroup.max.depth of "
             "those above)";
    default:
      return "";
  }
}

tl::unexpected<Error> file_error(const std::string& what, int error_number) {
  auto error = errno_error(what, error_number);
  error.value().message += advice(error_number);
  return error;
}

Result<std::size_t> read_some(int fd, char* buffer, std::size_t size) {
  ssize_t got = 0;
  do {
    got = ::read(fd, buffer, size);
  } while (got < 0 && errno == EINTR);
  if (got < 0) return errno_error("read", errno);
  return static_cast<std::size_t>(got);
}

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

std::vector<std::string> subdirectories(int directory) {
  std::vector<std::string> names;
  // A descriptor of its own: closedir closes it, and its offset is not shared.
  const int fd = ::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const std::unique_ptr<DIR, CloseDirectory> list(fd < 0 ? nullptr : ::fdopendir(fd));
  if (!list) return names;
  while (const dirent* entry = ::readdir(list.get())) {
    const std::string name = entry->d_name;
    if (entry->d_type == DT_DIR && name != "." && name != "..") names.push_back(name);
  }
  return names;
}

}  // namespace

Result<CgroupDirectory> CgroupDirectory::open(const std::string& path) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return file_error("open " + path, errno);
  return CgroupDirectory(path, std::move(fd));
}

Result<CgroupDirectory> CgroupDirectory::make(const std::string& path) {
  if (::mkdir(path.c_str(), 0755) != 0 && errno != EEXIST)
    return file_error("mkdir " + path, errno);
  return open(path);
}

// Not only for counters that start from 0: a cgroup whose cgroup.kill was once written kills every
// child that clone3(CLONE_INTO_CGROUP) puts into it, at birth (seen on Linux 6.1.176 and 6.18.44).
Result<CgroupDirectory> CgroupDirectory::make_anew(const std::string& path) {
  static_cast<void>(remove_cgroups_from(path));
  return make(path);
}

Result<Fd> CgroupDirectory::open_file(const std::string& file, int flags) const {
  Fd opened(::openat(fd(), file.c_str(), flags | O_CLOEXEC | O_NOFOLLOW));
  if (!opened) return file_error("open " + path_ + "/" + file, errno);
  return opened;
}

Result<std::string> CgroupDirectory::read(const std::string& file) const {
  auto opened = open_file(file, O_RDONLY);
  if (!opened) return tl::unexpected(opened.error());
  std::string text;
  std::array<char, 4096> buffer;
  while (text.size() <= kMaxFile) {
    const auto got = read_some(opened->get(), buffer.data(), buffer.size());
    if (!got) return file_error("read " + path_ + "/" + file, got.error().error_number);
    if (*got == 0) return text;
    text.append(buffer.data(), *got);
  }
  return errno_error("read " + path_ + "/" + file, EFBIG);
}

Status CgroupDirectory::write(const std::string& file, std::string_view value) const {
  auto opened = open_file(file, O_WRONLY | O_TRUNC);
  if (!opened) return tl::unexpected(opened.error());
  ssize_t written = 0;
  do {
    written = ::write(opened->get(), value.data(), value.size());
  } while (written < 0 && errno == EINTR);
  if (written >= 0) return {};
  const int error_number = errno;
  return file_error("write " + std::string(value) + " to " + path_ + "/" + file, error_number);
}

std::optional<std::int64_t> CgroupDirectory::read_number(const std::string& file) const {
  const auto text = read(file);
  return text ? parse_number(*text) : std::nullopt;
}

std::vector<pid_t> CgroupDirectory::processes() const {
  std::vector<pid_t> pids;
  const auto opened = open_file("cgroup.procs", O_RDONLY);
  if (!opened) return pids;
  std::array<char, 4096> buffer;
  std::string rest;  // a number that a read cut in two
  while (const auto got = read_some(opened->get(), buffer.data(), buffer.size())) {
    if (*got == 0) break;
    for (std::size_t i = 0; i < *got; ++i) {
      if (buffer[i] != '\n') {
        if (rest.size() < 20) rest += buffer[i];
        continue;
      }
      const auto pid = parse_number(rest);
      if (pid && *pid >= 0 && *pid <= std::numeric_limits<pid_t>::max())
        pids.push_back(static_cast<pid_t>(*pid));
      rest.clear();
    }
  }
  return pids;
}

std::vector<CgroupDirectory> CgroupDirectory::children() const {
  std::vector<CgroupDirectory> found;
  for (const std::string& name : subdirectories(fd())) {
    auto child = open_file(name, O_RDONLY | O_DIRECTORY);
    if (child) found.push_back(CgroupDirectory(path_ + "/" + name, std::move(*child)));
  }
  return found;
}

Status remove_cgroup(const std::string& path) {
  if (::rmdir(path.c_str()) == 0 || errno == ENOENT) return {};
  return file_error("rmdir " + path, errno);
}

std::vector<std::string> pods_below(const std::string& parent) {
  constexpr std::string_view kPrefix = "pod";
  std::vector<std::string> pods;
  const auto directory = CgroupDirectory::open(parent);
  if (!directory) return pods;
  for (const std::string& name : subdirectories(directory->fd()))
    if (name.starts_with(kPrefix)) pods.push_back(name.substr(kPrefix.size()));
  return pods;
}

Status remove_cgroups_from(const std::string& path) {
  auto removed = remove_cgroup(path);
  if (removed) return removed;
  const auto directory = CgroupDirectory::open(path);
  if (!directory) return removed;
  for (const std::string& name : subdirectories(directory->fd())) {
    if (auto below = remove_cgroups_from(path + "/" + name); !below) return below;
  }
  return remove_cgroup(path);
}

}  // namespace podvisor
