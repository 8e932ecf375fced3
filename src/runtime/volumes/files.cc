#include "runtime/volumes/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <memory>
#include <string_view>

namespace podvisor {

Result<Fd> open_directory_at(int parent, const std::string& name) {
  Fd directory(::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!directory) return errno_error("opening the directory " + name, errno);
  return directory;
}

Status make_directory_at(int parent, const std::string& name, mode_t mode) {
  const std::string what = "making the directory " + name;
  if (::mkdirat(parent, name.c_str(), 0700) < 0) return errno_error(what, errno);
  const auto directory = open_directory_at(parent, name);
  if (!directory) return tl::unexpected(directory.error());
  if (::fchmod(directory->get(), mode) < 0) return errno_error(what, errno);
  return {};
}

Status make_directories(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return errno_error("making the directory " + path, error.value());
  return {};
}

std::vector<std::string> names_in(int directory) {
  std::vector<std::string> names;
  Fd own(::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(own ? ::fdopendir(own.get()) : nullptr,
                                                   ::closedir);
  if (!stream) return names;
  static_cast<void>(own.release());  // the stream's
  while (const dirent* entry = ::readdir(stream.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  return names;
}

bool is_mount_point_at(int parent, const std::string& name) {
  struct statx facts {};
  return ::statx(parent, name.c_str(), AT_SYMLINK_NOFOLLOW, STATX_TYPE, &facts) == 0 &&
         (facts.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

}  // namespace podvisor
