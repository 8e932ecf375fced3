#include "runtime/volumes/mount_target.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <utility>

#include "podvisor/fd.h"
#include "runtime/volumes/files.h"

namespace podvisor {
namespace {

namespace fs = std::filesystem;

bool is_at_or_below(const std::string& path, const std::string& top) {
  return path == top || path.starts_with(top + "/");
}

Result<Fd> open_point(int parent, const std::string& name, bool directory) {
  if (directory) return open_directory_at(parent, name);
  Fd file(::openat(parent, name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  struct stat facts {};
  if (!file || ::fstat(file.get(), &facts) < 0) return errno_error("opening " + name, errno);
  if (S_ISDIR(facts.st_mode) || S_ISLNK(facts.st_mode))
    return make_error(name + " is not a file, but the volume is one");
  return file;
}

Status make_point_at(int parent, const std::string& name, bool directory) {
  if (directory) return make_directory_at(parent, name, 0755);
  const Fd file(
      ::openat(parent, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (!file) return errno_error("making the file " + name, errno);
  return {};
}

/// One component further on the host's own files, which may lead by links, such as those of
/// /etc/resolv.conf, and they nowhere.
std::string follow_links(fs::path path) {
  std::error_code error;
  constexpr int kMaxLinks = 40;  // as the kernel
  for (int i = 0; i < kMaxLinks && fs::is_symlink(fs::symlink_status(path, error)); ++i) {
    if (fs::exists(path, error)) break;
    const fs::path link = fs::read_symlink(path, error);
    path = (path.parent_path() / link).lexically_normal();
  }
  const fs::path resolved = fs::weakly_canonical(path, error);
  return error ? path.string() : resolved.string();
}

/// Only empty files and directories are deleted for having been mount points.
bool may_vanish(const Fd& point) {
  struct stat facts {};
  return !point || ::fstat(point.get(), &facts) < 0 || !S_ISREG(facts.st_mode) ||
         facts.st_size == 0;
}

}  // namespace

Result<std::string> MountTargets::place(const std::string& mount_path, bool directory,
                                        bool stands) {
  const fs::path path = fs::path("/" + mount_path).lexically_normal();
  std::string at = "/";
  const Cover* cover = nullptr;
  for (const fs::path& name : path.relative_path()) {
    if (name.empty()) continue;  // a slash at the end
    at = cover != nullptr ? at + "/" + name.string() : follow_links(fs::path(at) / name);
    cover = covering(at);
  }
  if (at == "/") return make_error("it would hide every file of the host");
  const Status made = cover == nullptr ? make_point_on_host(at, directory, stands)
                                       : make_point(*cover, at, directory);
  if (!made) return tl::unexpected(made.error());
  return at;
}

void MountTargets::cover(Cover cover) { covers_.push_back(std::move(cover)); }

/// The innermost and, of several at one place, the last.
const Cover* MountTargets::covering(const std::string& path) const {
  const Cover* best = nullptr;
  for (const Cover& cover : covers_) {
    if (!is_at_or_below(path, cover.target)) continue;
    if (best == nullptr || cover.target.size() >= best->target.size()) best = &cover;
  }
  return best;
}

Status MountTargets::make_point_on_host(const std::string& path, bool directory, bool stands) {
  const Fd root(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root) return errno_error("opening /", errno);
  return make_point({"", root.get(), "/", !stands}, path, directory);
}

Status MountTargets::make_point(const Cover& cover, const std::string& path, bool directory) {
  const fs::path names = fs::path(path.substr(cover.target.size())).relative_path();
  fs::path source = cover.source;
  Fd at;
  for (auto name = names.begin(); name != names.end(); ++name) {
    source /= *name;
    const int parent = at ? at.get() : cover.tree;
    const bool leads_on = std::next(name) != names.end();
    auto next = make_step(cover, parent, *name, source, directory || leads_on);
    if (!next) return tl::unexpected(next.error());
    at = std::move(*next);
  }
  return cover.outlives_pod && may_vanish(at) ? record_.add_used(source) : Status{};
}

Result<Fd> MountTargets::make_step(const Cover& cover, int parent, const std::string& name,
                                   const std::string& source, bool directory) {
  auto found = open_point(parent, name, directory);
  if (found || found.error().error_number != ENOENT) return found;
  if (cover.outlives_pod) {
    const Status noted = record_.add_made(source);
    if (!noted) return tl::unexpected(noted.error());
  }
  const Status made = make_point_at(parent, name, directory);
  if (!made) return tl::unexpected(made.error());
  return open_point(parent, name, directory);
}

}  // namespace podvisor
