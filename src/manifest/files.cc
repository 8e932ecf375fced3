// Manifests from files, directories and standard input. Every read is bounded.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "manifest/manifest.h"
#include "podvisor/fd.h"
#include "podvisor/result.h"

namespace podvisor {
namespace {

LoadResult failed(const std::string& file, std::string message) {
  LoadResult result;
  result.diagnostics.push_back({Diagnostic::Severity::Error, {file, 0, 0}, "", std::move(message)});
  return result;
}

/// At most one byte more than a manifest may have: load_text then says that it is too large.
Result<std::string> read_bounded(int fd) {
  std::string text;
  std::array<char, 1 << 16> buffer{};
  while (text.size() <= kMaxManifestBytes) {
    const std::size_t wanted = std::min(buffer.size(), kMaxManifestBytes + 1 - text.size());
    const ssize_t got = ::read(fd, buffer.data(), wanted);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno_error("cannot be read", errno);
    if (got == 0) break;
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return text;
}

LoadResult load_fd(int fd, const std::string& name, const LoadOptions& options) {
  const auto text = read_bounded(fd);
  return text ? load_text(*text, name, options) : failed(name, text.error().message);
}

bool is_manifest_name(const std::string& name) {
  return !name.starts_with('.') &&
         (name.ends_with(".yaml") || name.ends_with(".yml") || name.ends_with(".json"));
}

Result<std::vector<std::string>> manifest_names(int directory_fd) {
  Fd copy(::fcntl(directory_fd, F_DUPFD_CLOEXEC, 0));
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(copy ? ::fdopendir(copy.get()) : nullptr,
                                                      ::closedir);
  if (!directory) return errno_error("cannot be listed", errno);
  (void)copy.release();  // closedir closes it
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = ::readdir(directory.get())) {
    if (is_manifest_name(entry->d_name)) names.emplace_back(entry->d_name);
  }
  if (errno != 0) return errno_error("cannot be listed", errno);
  std::sort(names.begin(), names.end());
  return names;
}

/// Without O_NONBLOCK a FIFO in the directory would stop everything; reading one says EAGAIN or
/// ends at once.
constexpr int kOpenFlags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

LoadResult load_entry(int directory_fd, const std::string& name, const std::string& shown,
                      const LoadOptions& options) {
  const Fd fd(::openat(directory_fd, name.c_str(), kOpenFlags));
  if (!fd) return failed(shown, errno_error("cannot be opened", errno).value().message);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) {
    return failed(shown, errno_error("cannot be examined", errno).value().message);
  }
  if (!S_ISREG(status.st_mode)) return failed(shown, "is not a regular file");
  return load_fd(fd.get(), shown, options);
}

LoadResult load_directory(int fd, const std::string& path, const LoadOptions& options) {
  const auto names = manifest_names(fd);
  if (!names) return failed(path, names.error().message);
  if (names->empty()) return failed(path, "no *.yaml, *.yml or *.json in this directory");
  std::vector<LoadResult> parts;
  for (const std::string& name : *names) {
    const std::string shown = path + (path.ends_with('/') ? "" : "/") + name;
    parts.push_back(load_entry(fd, name, shown, options));
  }
  return merge(std::move(parts));
}

}  // namespace

LoadResult load_path(const std::string& path, const LoadOptions& options) {
  if (path == "-") return load_fd(STDIN_FILENO, "standard input", options);
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!fd) return failed(path, errno_error("cannot be opened", errno).value().message);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) {
    return failed(path, errno_error("cannot be examined", errno).value().message);
  }
  if (S_ISDIR(status.st_mode)) return load_directory(fd.get(), path, options);
  return load_fd(fd.get(), path, options);
}

LoadResult load_paths(const std::vector<std::string>& paths, const LoadOptions& options) {
  std::vector<LoadResult> parts;
  for (const std::string& path : paths) parts.push_back(load_path(path, options));
  return merge(std::move(parts));
}

}  // namespace podvisor
