#include "runtime/volumes/usage.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <memory>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "podvisor/fd.h"

namespace podvisor {
namespace {

/// A directory that is still to be read. Parents are shared: of a name each is kept once.
struct Pending {
  std::shared_ptr<const Pending> parent;  ///< none: the root of this walk
  std::string name;
  std::size_t path_size = 0;
};

/// Beyond this a path cannot be opened in one go: the walk goes on from a new root.
constexpr std::size_t kLongPath = PATH_MAX / 2;
/// So many of those; a tree that is deeper is nobody's honest work.
constexpr int kMaxRoots = 16;
constexpr std::int64_t kNodeCost = 96;  ///< bytes that a remembered entry takes besides its name

std::string path_of(const Pending& directory) {
  std::vector<const std::string*> names;
  for (const Pending* at = &directory; at != nullptr; at = at->parent.get())
    names.push_back(&at->name);
  std::string path;
  for (auto name = names.rbegin(); name != names.rend(); ++name)
    path += (path.empty() ? "" : "/") + **name;
  return path;
}

class Measurement {
 public:
  Measurement(const MeasureLimits& limits, const std::atomic<bool>& stop)
      : limits_(limits), stop_(stop) {}

  /// Depth first, so that little is pending at any time.
  void walk(int root, int depth) {
    std::vector<std::shared_ptr<const Pending>> pending{
        std::make_shared<const Pending>(Pending{nullptr, ".", 1})};
    while (!pending.empty() && going_on()) {
      const auto directory = std::move(pending.back());
      pending.pop_back();
      forget(*directory);
      const Fd opened = open_below(root, path_of(*directory));
      if (!opened) continue;  // gone, or no directory any more
      if (directory->path_size > kLongPath) {
        if (depth == kMaxRoots)
          usage_.complete = false;
        else
          walk(opened.get(), depth + 1);
        continue;
      }
      read(opened.get(), directory, pending);
    }
  }

  void count(const struct stat& facts) {
    if (facts.st_nlink > 1 && !S_ISDIR(facts.st_mode)) {
      if (!seen_.insert(facts.st_ino).second) return;
      remembered_ += kNodeCost;
    }
    usage_.bytes += static_cast<std::int64_t>(facts.st_blocks) * 512;
  }

  [[nodiscard]] VolumeUsage usage() const { return usage_; }

 private:
  static Fd open_below(int root, const std::string& path) {
    open_how how{};
    how.flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV;
    return Fd(static_cast<int>(::syscall(SYS_openat2, root, path.c_str(), &how, sizeof(how))));
  }

  void read(int directory, const std::shared_ptr<const Pending>& self,
            std::vector<std::shared_ptr<const Pending>>& pending) {
    Fd own(::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(own ? ::fdopendir(own.get()) : nullptr,
                                                     ::closedir);
    if (!stream) {
      usage_.complete = false;
      return;
    }
    static_cast<void>(own.release());  // the stream's
    while (going_on()) {
      const dirent* entry = ::readdir(stream.get());
      if (entry == nullptr) return;
      const std::string_view name = entry->d_name;
      if (name == "." || name == "..") continue;
      struct stat facts {};
      ++entries_;
      if (::fstatat(directory, entry->d_name, &facts, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) < 0)
        continue;
      count(facts);
      if (S_ISDIR(facts.st_mode)) pending.push_back(remember(self, std::string(name)));
    }
  }

  std::shared_ptr<const Pending> remember(const std::shared_ptr<const Pending>& parent,
                                          std::string name) {
    const std::size_t size = parent->path_size + 1 + name.size();
    remembered_ += kNodeCost + static_cast<std::int64_t>(name.size());
    return std::make_shared<const Pending>(Pending{parent, std::move(name), size});
  }

  void forget(const Pending& directory) {
    if (directory.parent)
      remembered_ -= kNodeCost + static_cast<std::int64_t>(directory.name.size());
  }

  bool going_on() {
    if (usage_.bytes > limits_.enough || stop_.load(std::memory_order_relaxed)) return false;
    if (entries_ < limits_.entries && remembered_ < limits_.memory) return true;
    usage_.complete = false;
    return false;
  }

  const MeasureLimits& limits_;
  const std::atomic<bool>& stop_;
  VolumeUsage usage_;
  std::int64_t entries_ = 0;
  std::int64_t remembered_ = 0;
  std::unordered_set<ino_t> seen_;  ///< of those with several names
};

}  // namespace

Result<VolumeUsage> measure_volume(const std::string& path, const MeasureLimits& limits,
                                   const std::atomic<bool>& stop) {
  const Fd root(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat facts {};
  if (!root || ::fstat(root.get(), &facts) < 0) return errno_error("measuring " + path, errno);
  Measurement measurement(limits, stop);
  measurement.count(facts);
  measurement.walk(root.get(), 1);
  return measurement.usage();
}

}  // namespace podvisor
