#include "daemon/manifest_watch.h"

#include <sys/inotify.h>

#include <array>
#include <cerrno>
#include <utility>

namespace podvisor {
namespace {

// Not IN_MODIFY: a file is read when its writer is done with it.
constexpr std::uint32_t kEvents =
    IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ONLYDIR;

}  // namespace

Result<std::unique_ptr<ManifestWatch>> ManifestWatch::open(Loop& loop, const std::string& directory,
                                                           Changed changed) {
  Fd inotify(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!inotify) return errno_error("inotify_init1 (see fs.inotify.max_user_instances)", errno);
  if (::inotify_add_watch(inotify.get(), directory.c_str(), kEvents) < 0)
    return errno_error("cannot watch the manifest directory " + directory, errno);
  return std::unique_ptr<ManifestWatch>(
      new ManifestWatch(loop, std::move(inotify), std::move(changed)));
}

ManifestWatch::ManifestWatch(Loop& loop, Fd inotify, Changed changed)
    : inotify_(std::move(inotify)),
      changed_(std::move(changed)),
      poll_(loop, inotify_.get(), [this](int, int) { on_readable(); }) {
  poll_.start(UV_READABLE);
}

void ManifestWatch::on_readable() {
  std::set<std::string> names;  // one file's several events are one change
  alignas(inotify_event) std::array<char, 16384> buffer{};
  for (ssize_t size = 0; (size = ::read(inotify_.get(), buffer.data(), buffer.size())) > 0;) {
    for (ssize_t at = 0; at < size;) {
      const auto* event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
      const bool lost = (event->mask & IN_Q_OVERFLOW) != 0;
      if (lost || event->len > 0) names.insert(lost ? std::string() : std::string(event->name));
      at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
    }
  }
  if (!names.empty()) changed_(names);
}

}  // namespace podvisor
