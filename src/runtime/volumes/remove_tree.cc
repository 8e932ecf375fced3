#include "runtime/volumes/remove_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <optional>

#include "podvisor/fd.h"

namespace podvisor {
namespace {

/// Empties a directory. Non-empty directories in it are hollowed: their files are deleted and their
/// own directories moved up into it, until everything is at hand.
class TreeRemoval {
 public:
  explicit TreeRemoval(Fd root) : root_(std::move(root)) {}

  Status run() {
    do {
      progress_ = false;
      each_name(root_.get(), [this](const char* name) {
        if (!remove_at(root_.get(), name)) hollow(name);
      });
    } while (progress_);
    if (failure_) return tl::unexpected(*failure_);
    return {};
  }

 private:
  static void each_name(int directory, const std::function<void(const char*)>& take) {
    const int own = ::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(own < 0 ? nullptr : ::fdopendir(own),
                                                     ::closedir);
    if (!stream) return;
    while (const dirent* entry = ::readdir(stream.get())) {
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") take(entry->d_name);
    }
  }

  /// False for a directory that is not empty.
  bool remove_at(int directory, const char* name) {
    if (::unlinkat(directory, name, 0) == 0 || ::unlinkat(directory, name, AT_REMOVEDIR) == 0) {
      progress_ = true;
      return true;
    }
    if (errno == ENOTEMPTY) return false;
    fail(name, errno);
    return true;
  }

  void hollow(const char* name) {
    open_how how{};
    how.flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    how.resolve = RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS;
    const Fd inner(static_cast<int>(::syscall(SYS_openat2, root_.get(), name, &how, sizeof(how))));
    if (!inner) {
      fail(name, errno);
      return;
    }
    each_name(inner.get(), [&](const char* child) {
      if (!remove_at(inner.get(), child)) move_up(inner.get(), child);
    });
    if (::unlinkat(root_.get(), name, AT_REMOVEDIR) == 0) progress_ = true;
  }

  void move_up(int from, const char* name) {
    for (;;) {
      const std::string free = ".podvisor-removed-" + std::to_string(++moved_);
      if (::renameat2(from, name, root_.get(), free.c_str(), RENAME_NOREPLACE) == 0) {
        progress_ = true;
        return;
      }
      if (errno != EEXIST) {
        fail(name, errno);
        return;
      }
    }
  }

  void fail(const char* name, int error_number) {
    if (!failure_) failure_ = errno_error(std::string("deleting ") + name, error_number).value();
  }

  Fd root_;
  bool progress_ = false;
  std::uint64_t moved_ = 0;
  std::optional<Error> failure_;
};

}  // namespace

Status remove_tree_at(int parent, const std::string& name) {
  const std::string what = "deleting " + name;
  if (::unlinkat(parent, name.c_str(), 0) == 0 || errno == ENOENT) return {};
  Fd root(::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!root) return errno_error(what, errno);
  const Status emptied = TreeRemoval(std::move(root)).run();
  if (!emptied) return with_context(what, emptied.error());
  if (::unlinkat(parent, name.c_str(), AT_REMOVEDIR) < 0) return errno_error(what, errno);
  return {};
}

}  // namespace podvisor
