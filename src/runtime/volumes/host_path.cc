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

}  // namespace

Status make_host_path(const HostPathVolume& volume) {
  for (const TypeRule& rule : kRules) {
    if (volume.type != rule.type) continue;
    struct stat facts {};
    if (::stat(volume.path.c_str(), &facts) < 0 && errno == ENOENT) {
      if (const Status made = make_missing(rule, volume.path); !made) return made;
    }
    const std::string failed = "hostPath type check failed: " + volume.path;
    if (::stat(volume.path.c_str(), &facts) < 0 || (facts.st_mode & S_IFMT) != rule.format)
      return make_error(failed + " is not a " + rule.kind);
    return {};
  }
  return {};
}

}  // namespace podvisor
