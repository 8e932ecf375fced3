#include "runtime/volumes/projected_directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <ctime>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "podvisor/fd.h"
#include "runtime/volumes/files.h"
#include "runtime/volumes/ownership.h"
#include "runtime/volumes/remove_tree.h"

namespace podvisor {
namespace {

constexpr const char* kData = "..data";
constexpr const char* kNextData = "..data_tmp";

std::string read_link_at(int directory, const std::string& name) {
  std::array<char, PATH_MAX> target{};
  const ssize_t size = ::readlinkat(directory, name.c_str(), target.data(), target.size());
  return size < 0 ? "" : std::string(target.data(), static_cast<std::size_t>(size));
}

std::string first_name(const std::string& path) { return path.substr(0, path.find('/')); }

mode_t mode_of(const ProjectedFile& file, std::optional<gid_t> fs_group) {
  return fs_group ? file.mode | kGroupMayRead : file.mode;
}

// ---- Is it there already? ---------------------------------------------------------------------

bool holds(int generation, const std::string& path, const ProjectedFile& wanted, mode_t mode) {
  const Fd file(::openat(generation, path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  struct stat facts {};
  if (!file || ::fstat(file.get(), &facts) < 0 || !S_ISREG(facts.st_mode)) return false;
  const std::string& content = wanted.content;
  if (static_cast<std::size_t>(facts.st_size) != content.size()) return false;
  if ((facts.st_mode & 07777) != mode) return false;
  std::string found(content.size() + 1, '\0');
  std::size_t size = 0;
  while (size < found.size()) {
    const ssize_t got = ::read(file.get(), found.data() + size, found.size() - size);
    if (got <= 0) break;
    size += static_cast<std::size_t>(got);
  }
  return std::string_view(found).substr(0, size) == content;
}

/// The files and folders below; only ours write there, so depth is what a projection has.
std::size_t count_entries(int directory) {
  std::size_t count = 0;
  for (const std::string& name : names_in(directory)) {
    ++count;
    if (const auto inner = open_directory_at(directory, name)) count += count_entries(inner->get());
  }
  return count;
}

std::size_t count_entries(const Projection& projection) {
  std::set<std::string_view> entries;
  for (const auto& [path, file] : projection)
    for (std::size_t end = path.find('/');; end = path.find('/', end + 1)) {
      entries.insert(std::string_view(path).substr(0, end));
      if (end == std::string::npos) break;
    }
  return entries.size();
}

bool is_current(int directory, const std::string& current, const Projection& projection,
                std::optional<gid_t> fs_group) {
  if (current.empty()) return false;
  const auto generation = open_directory_at(directory, current);
  if (!generation || count_entries(generation->get()) != count_entries(projection)) return false;
  for (const auto& [path, file] : projection)
    if (!holds(generation->get(), path, file, mode_of(file, fs_group))) return false;
  return true;
}

// ---- The next generation ----------------------------------------------------------------------

Result<std::string> make_generation(int directory) {
  for (int attempt = 0; attempt < 100; ++attempt) {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    std::tm parts{};
    ::gmtime_r(&now.tv_sec, &parts);
    std::array<char, 64> name{};
    const std::size_t size = std::strftime(name.data(), name.size(), "..%Y_%m_%d_%H_%M_%S", &parts);
    std::snprintf(name.data() + size, name.size() - size, ".%09ld", now.tv_nsec);
    const Status made = make_directory_at(directory, name.data(), 0755);
    if (made) return std::string(name.data());
    if (made.error().error_number != EEXIST) return tl::unexpected(made.error());
  }
  return errno_error("making a directory of this moment's name", EEXIST);
}

class GenerationWriter {
 public:
  GenerationWriter(int generation, std::optional<gid_t> fs_group)
      : generation_(generation), fs_group_(fs_group) {}

  Status run(const Projection& projection) {
    if (Status owned = own(generation_, 0755, kGroupMayEnter); !owned) return owned;
    for (const auto& [path, file] : projection)
      if (Status written = write(path, file); !written)
        return with_context("writing " + path, written.error());
    return {};
  }

 private:
  Status write(const std::string& path, const ProjectedFile& file) {
    for (std::size_t end = path.find('/'); end != std::string::npos; end = path.find('/', end + 1))
      if (Status made = make_folder(path.substr(0, end)); !made) return made;
    const Fd opened(::openat(generation_, path.c_str(),
                             O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!opened) return errno_error("making the file", errno);
    for (std::string_view rest = file.content; !rest.empty();) {
      const ssize_t wrote = ::write(opened.get(), rest.data(), rest.size());
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote <= 0) return errno_error("filling the file", wrote < 0 ? errno : ENOSPC);
      rest.remove_prefix(static_cast<std::size_t>(wrote));
    }
    return own(opened.get(), file.mode, kGroupMayRead);
  }

  Status make_folder(const std::string& path) {
    const Status made = make_directory_at(generation_, path, 0755);
    if (!made && made.error().error_number != EEXIST) return made;
    const auto folder = open_directory_at(generation_, path);
    if (!folder) return tl::unexpected(folder.error());
    return own(folder->get(), 0755, kGroupMayEnter);
  }

  Status own(int fd, mode_t mode, mode_t for_group) const {
    return set_ownership(fd, fs_group_ ? mode | for_group : mode, fs_group_);
  }

  int generation_;
  std::optional<gid_t> fs_group_;
};

Status point_data_at(int directory, const std::string& generation) {
  ::unlinkat(directory, kNextData, 0);
  if (::symlinkat(generation.c_str(), directory, kNextData) < 0 ||
      ::renameat(directory, kNextData, directory, kData) < 0)
    return errno_error("pointing ..data at " + generation, errno);
  return {};
}

// ---- What is seen of it -----------------------------------------------------------------------

Status make_visible(int directory, const Projection& projection) {
  std::set<std::string> names;
  for (const auto& [path, file] : projection) names.insert(first_name(path));
  for (const std::string& name : names) {
    const std::string target = std::string(kData) + "/" + name;
    if (read_link_at(directory, name) == target) continue;
    if (::symlinkat(target.c_str(), directory, name.c_str()) < 0)
      return errno_error("making the link " + name, errno);
  }
  for (const std::string& name : names_in(directory))
    if (!name.starts_with("..") && !names.contains(name)) ::unlinkat(directory, name.c_str(), 0);
  return {};
}

void remove_generations(int directory, const std::set<std::string>& kept) {
  for (const std::string& name : names_in(directory))
    if (name.starts_with("..") && name != kData && !kept.contains(name))
      static_cast<void>(remove_tree_at(directory, name));  // tried again with the next update
}

}  // namespace

Result<bool> write_projection(int directory, const Projection& projection,
                              std::optional<gid_t> fs_group) {
  const std::string current = read_link_at(directory, kData);
  const bool same = is_current(directory, current, projection, fs_group);
  if (!same) {
    const auto next = make_generation(directory);
    if (!next) return tl::unexpected(next.error());
    const auto generation = open_directory_at(directory, *next);
    if (!generation) return tl::unexpected(generation.error());
    Status done = GenerationWriter(generation->get(), fs_group).run(projection);
    if (done) done = point_data_at(directory, *next);
    if (!done) {
      static_cast<void>(remove_tree_at(directory, *next));
      return tl::unexpected(done.error());
    }
    remove_generations(directory, {*next, current});
  }
  // Also when nothing else is new: a kill may have come in between.
  if (Status seen = make_visible(directory, projection); !seen) return tl::unexpected(seen.error());
  return !same;
}

}  // namespace podvisor
