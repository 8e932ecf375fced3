#include "runtime/volumes/host_path.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <string>
#include <string_view>

#include "podvisor/fd.h"
#include "runtime/volumes/files.h"

namespace podvisor {
namespace {

enum class Missing { Fails, MakesDirectory, MakesFile };

struct TypeRule {
  std::string_view type;
  Missing missing;
  mode_t format;
  const char* kind;  ///< as kubelet calls it
};

constexpr std::array<TypeRule, 7> kRules{{
    {"DirectoryOrCreate", Missing::MakesDirectory, S_IFDIR, "directory"},
    {"Directory", Missing::Fails, S_IFDIR, "directory"},
    {"FileOrCreate", Missing::MakesFile, S_IFREG, "file"},
    {"File", Missing::Fails, S_IFREG, "file"},
    {"Socket", Missing::Fails, S_IFSOCK, "socket file"},
    {"CharDevice", Missing::Fails, S_IFCHR, "character device"},
    {"BlockDevice", Missing::Fails, S_IFBLK, "block device"},
}};

Status make_file(const std::string& path) {
  const Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file || ::fchmod(file.get(), 0644) < 0) return errno_error("making the file " + path, errno);
  return {};
}

Status make_missing(const TypeRule& rule, const std::string& path) {
  switch (rule.missing) {
    case Missing::MakesDirectory:
      return make_directories(path);
    case Missing::MakesFile:
      return make_file(path);
    case Missing::Fails:
      break;
  }
  return {};
}

const TypeRule* find_rule(const std::string& type) {
  for (const TypeRule& rule : kRules)
    if (type == rule.type) return &rule;
  return nullptr;
}

Status check_type(const TypeRule& rule, const std::string& path, bool found, mode_t mode) {
  if (found && (mode & S_IFMT) == rule.format) return {};
  return make_error("hostPath type check failed: " + path + " is not a " + rule.kind);
}

}  // namespace

Status make_host_path(const HostPathVolume& volume) {
  const TypeRule* rule = find_rule(volume.type);
  struct stat facts {};
  if (rule == nullptr) {
    if (::stat(volume.path.c_str(), &facts) == 0 || errno != ENOENT) return {};
    return make_error(volume.path +
                      " does not exist on this host; make it, or set type: DirectoryOrCreate");
  }
  if (::stat(volume.path.c_str(), &facts) < 0 && errno == ENOENT) {
    if (const Status made = make_missing(*rule, volume.path); !made) return made;
  }
  const bool found = ::stat(volume.path.c_str(), &facts) == 0;
  return check_type(*rule, volume.path, found, facts.st_mode);
}

Status check_host_path(const HostPathVolume& volume, int opened) {
  const TypeRule* rule = find_rule(volume.type);
  if (rule == nullptr) return {};
  struct stat facts {};
  const bool found = ::fstat(opened, &facts) == 0;
  return check_type(*rule, volume.path, found, facts.st_mode);
}

}  // namespace podvisor
