#include "runtime/volumes/mount_point_record.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/volumes/files.h"

namespace podvisor {
namespace {

constexpr char kUsed = 'U';
constexpr char kMade = 'M';
constexpr std::size_t kMaxRecord = 1024 * 1024;

std::string pods_directory(const Layout& layout) { return layout.state_dir + "/pods"; }

/// Entries are a letter, a path and a NUL: paths may hold anything else.
std::vector<std::string> read_entries(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  std::vector<std::string> entries;
  std::size_t size = 0;
  for (std::string entry; size < kMaxRecord && std::getline(stream, entry, '\0');) {
    size += entry.size();
    if (!entry.empty() && !stream.eof()) entries.push_back(std::move(entry));
  }
  return entries;
}

/// Opens the directory that `path` is in, without following a link.
Result<Fd> open_parent(const std::filesystem::path& path) {
  Fd parent(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  for (const auto& name : path.parent_path().relative_path()) {
    parent.reset(
        ::openat(parent.get(), name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!parent) return errno_error("opening " + path.parent_path().string(), errno);
  }
  return parent;
}

/// Only what is as we made it: an empty directory or an empty file. Everything else has become
/// somebody's.
Status remove_if_empty(const std::string& path) {
  const auto parent = open_parent(path);
  if (!parent)
    return parent.error().error_number == ENOENT ? Status{} : tl::unexpected(parent.error());
  const std::string name = std::filesystem::path(path).filename();
  struct stat facts {};
  if (::fstatat(parent->get(), name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) < 0) return {};
  if (S_ISREG(facts.st_mode) && facts.st_size == 0) ::unlinkat(parent->get(), name.c_str(), 0);
  if (S_ISDIR(facts.st_mode)) ::unlinkat(parent->get(), name.c_str(), AT_REMOVEDIR);
  return {};
}

std::vector<MountPointRecord> load_others(const Layout& layout, const PodUid& pod) {
  std::vector<MountPointRecord> others;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(pods_directory(layout), error)) {
    if (entry.path().filename() == pod) continue;
    auto record = MountPointRecord::load(layout, entry.path().filename());
    if (record) others.push_back(std::move(*record));
  }
  return others;
}

/// Closed to other users, as volumes would be.
Status make_pods_directory(const Layout& layout) {
  if (Status made = make_directories(pods_directory(layout)); !made) return made;
  if (::chmod(pods_directory(layout).c_str(), 0700) < 0)
    return errno_error("closing " + pods_directory(layout), errno);
  return {};
}

void remove_record(const Layout& layout, const PodUid& pod) {
  ::unlink((layout.pod_state_dir(pod) + "/mount-points").c_str());
}

Status remove_or_leave(const std::string& path, std::vector<MountPointRecord>& others) {
  for (MountPointRecord& other : others) {
    if (other.needs(path)) return other.add_made(path);
  }
  return remove_if_empty(path);
}

}  // namespace

Result<Fd> lock_mount_points(const Layout& layout) {
  const std::string pods = pods_directory(layout);
  Fd lock(::open(pods.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!lock && errno == ENOENT) {
    if (Status made = make_pods_directory(layout); !made) return tl::unexpected(made.error());
    lock.reset(::open(pods.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }
  if (!lock || ::flock(lock.get(), LOCK_EX) < 0)
    return errno_error("locking " + pods_directory(layout), errno);
  return lock;
}

Result<MountPointRecord> MountPointRecord::load(const Layout& layout, const PodUid& pod) {
  MountPointRecord record;
  record.file_ = layout.pod_state_dir(pod) + "/mount-points";
  for (const std::string& entry : read_entries(record.file_)) {
    std::set<std::string>& paths = entry.front() == kMade ? record.made_ : record.used_;
    paths.insert(entry.substr(1));
  }
  return record;
}

Status MountPointRecord::add_used(const std::string& path) {
  return used_.insert(path).second ? append(kUsed, path) : Status{};
}

Status MountPointRecord::add_made(const std::string& path) {
  return made_.insert(path).second ? append(kMade, path) : Status{};
}

bool MountPointRecord::needs(const std::string& path) const {
  const auto below = used_.lower_bound(path + "/");
  return used_.contains(path) || (below != used_.end() && below->starts_with(path + "/"));
}

Status MountPointRecord::append(char kind, const std::string& path) {
  const std::string what = "writing " + file_;
  constexpr int kFlags = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC;
  Fd file(::open(file_.c_str(), kFlags, 0600));
  if (!file && errno == ENOENT) {  // a pod without volumes
    ::mkdir(std::filesystem::path(file_).parent_path().c_str(), 0700);
    file.reset(::open(file_.c_str(), kFlags, 0600));
  }
  if (!file) return errno_error(what, errno);
  std::string entry = kind + path;
  entry.push_back('\0');
  const ssize_t written = ::write(file.get(), entry.data(), entry.size());
  if (written < 0) return errno_error(what, errno);
  if (static_cast<std::size_t>(written) != entry.size()) return errno_error(what, ENOSPC);
  return {};
}

Status remove_mount_points(const Layout& layout, const PodUid& pod) {
  const auto lock = lock_mount_points(layout);
  if (!lock) return tl::unexpected(lock.error());
  const auto record = MountPointRecord::load(layout, pod);
  if (!record) return tl::unexpected(record.error());
  // Others' records are many, and most pods have made none.
  auto others = record->made().empty() ? std::vector<MountPointRecord>() : load_others(layout, pod);
  Status first;
  // Backwards: what lies below a path sorts after it.
  for (auto path = record->made().rbegin(); path != record->made().rend(); ++path) {
    const Status removed = remove_or_leave(*path, others);
    if (first && !removed) first = removed;
  }
  remove_record(layout, pod);
  return first;
}

}  // namespace podvisor
