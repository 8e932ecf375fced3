#include "runtime/volumes/sub_path.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <map>
#include <set>

#include "podvisor/expansion.h"
#include "runtime/volumes/files.h"

namespace podvisor {
namespace {

namespace fs = std::filesystem;

using Environment = std::map<std::string, std::string, std::less<>>;

Environment by_name(const std::vector<std::string>& variables) {
  Environment environment;
  for (const std::string& variable : variables) {
    const std::size_t equals = variable.find('=');
    if (equals != std::string::npos)
      environment.insert_or_assign(variable.substr(0, equals), variable.substr(equals + 1));
  }
  return environment;
}

Result<std::string> expand_sub_path(const std::string& expression, const Environment& environment) {
  std::set<std::string> missing;
  std::string path = expand(expression, [&](std::string_view name) -> const std::string* {
    const auto found = environment.find(name);
    if (found != environment.end() && !found->second.empty()) return &found->second;
    missing.emplace(name);
    return nullptr;
  });
  if (missing.empty()) return path;
  std::string names;
  for (const std::string& name : missing) names += (names.empty() ? "" : ", ") + name;
  return make_error("missing value for " + names);
}

Status check_sub_path(const std::string& path) {
  if (path.starts_with('/')) return make_error("it must not be an absolute path");
  const fs::path names(path);
  if (std::find(names.begin(), names.end(), "..") != names.end())
    return make_error("it must not contain '..'");
  if (path.find('\0') != std::string::npos) return make_error("it must not contain a NUL byte");
  return {};
}

/// The kernel gives up when something is renamed at that moment; whoever renames all the time shall
/// not keep us here.
constexpr int kAttempts = 32;

Result<Fd> open_beneath(int root, const std::string& path, std::uint64_t flags) {
  open_how how{};
  how.flags = flags | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  for (int attempt = 1;; ++attempt) {
    Fd found(static_cast<int>(::syscall(SYS_openat2, root, path.c_str(), &how, sizeof(how))));
    if (found) return found;
    const int error = errno;
    if (error == EXDEV) return make_error(path + " leads out of the volume", EXDEV);
    if ((error != EAGAIN && error != EINTR) || attempt == kAttempts)
      return errno_error("opening " + path, error);
  }
}

bool is_empty(int directory) {
  Fd own(::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!own) return false;
  alignas(8) char entries[256];
  // Room for "." and ".." and a little more: the next call finds the end, or another name.
  std::size_t names = 0;
  for (;;) {
    const long size = ::syscall(SYS_getdents64, own.get(), entries, sizeof(entries));
    if (size <= 0) return size == 0 && names <= 2;
    for (long at = 0; at < size; ++names) {
      std::uint16_t length = 0;
      std::copy_n(entries + at + 16, sizeof(length), reinterpret_cast<char*>(&length));
      at += length;
    }
    if (names > 2) return false;
  }
}

/// A container may put a directory of its own in the new one's place before it is opened: one that
/// is not as it was made keeps its mode.
Status set_mode_of_new(int parent, const std::string& name, mode_t mode) {
  const auto made = open_directory_at(parent, name);
  if (!made) return tl::unexpected(made.error());
  struct stat facts {};
  if (::fstat(made->get(), &facts) < 0) return errno_error("looking at " + name, errno);
  const bool as_made =
      facts.st_uid == ::geteuid() && (facts.st_mode & 0777) == 0700 && is_empty(made->get());
  if (!as_made) return make_error(name + " was replaced while it was made");
  if (::fchmod(made->get(), mode) < 0) return errno_error("setting the mode of " + name, errno);
  return {};
}

Status make_part(int parent, const std::string& name, mode_t mode) {
  if (::mkdirat(parent, name.c_str(), 0700) == 0) return set_mode_of_new(parent, name, mode);
  // Somebody else made it; or it is a link that leads nowhere, which opening it will tell.
  return errno == EEXIST ? Status{} : errno_error("making the directory " + name, errno);
}

Result<Fd> make_sub_path(int root, const std::string& path) {
  struct stat facts {};
  if (::fstat(root, &facts) < 0) return errno_error("reading the volume's mode", errno);
  std::string so_far;
  Fd parent;
  for (const fs::path& name : fs::path(path)) {
    if (name.empty() || name == ".") continue;
    so_far += (so_far.empty() ? "" : "/") + name.string();
    // Each from the root: a link on the way may lead up, as long as it stays inside.
    auto part = open_beneath(root, so_far, O_PATH);
    if (!part && part.error().error_number == ENOENT) {
      const Status made =
          make_part(parent ? parent.get() : root, name, facts.st_mode & mode_t{07777});
      if (!made) return tl::unexpected(made.error());
      part = open_beneath(root, so_far, O_PATH);
    }
    if (!part) return part;
    parent = std::move(*part);
  }
  return parent;
}

}  // namespace

Result<std::vector<VolumeMount>> with_sub_paths(std::vector<VolumeMount> mounts,
                                                const std::vector<std::string>& environment) {
  const Environment variables = by_name(environment);
  for (VolumeMount& mount : mounts) {
    if (!mount.sub_path_expr.empty()) {
      auto path = expand_sub_path(mount.sub_path_expr, variables);
      if (!path)
        return with_context("failed to expand subPath for volumeMount \"" + mount.name + "\"",
                            path.error());
      mount.sub_path = std::move(*path);
      mount.sub_path_expr.clear();
    }
    if (const Status checked = check_sub_path(mount.sub_path); !checked)
      return with_context("unable to provision SubPath `" + mount.sub_path + "`", checked.error());
  }
  return mounts;
}

Result<Fd> open_sub_path(int root, const std::string& path) {
  auto found = open_beneath(root, path, O_PATH);
  if (found || found.error().error_number != ENOENT) return found;
  return make_sub_path(root, path);
}

}  // namespace podvisor
