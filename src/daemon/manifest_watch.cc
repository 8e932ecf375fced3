#include "daemon/manifest_watch.h"

#include <sys/inotify.h>

#include <array>
#include <cerrno>
#include <utility>

#include "log/logger.h"

namespace podvisor {
namespace {

// Not IN_MODIFY: a file is read when its writer is done with it.
constexpr std::uint32_t kEvents =
    IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ONLYDIR;
constexpr Duration kLookEvery = std::chrono::seconds(2);

/// Of the kernel or of this process: that may be otherwise soon.
bool is_short_of(int error_number) {
  return error_number == EMFILE || error_number == ENFILE || error_number == ENOSPC ||
         error_number == ENOMEM;
}

}  // namespace

Result<std::unique_ptr<ManifestWatch>> ManifestWatch::open(Loop& loop, const std::string& directory,
                                                           Changed changed) {
  std::unique_ptr<ManifestWatch> made(new ManifestWatch(loop, directory, std::move(changed)));
  const Status watched = made->watch();
  if (watched) return made;
  if (!is_short_of(watched.error().error_number)) return tl::unexpected(watched.error());
  log_warning("the manifest directory is looked at every other second until it can be watched",
              {{"error", watched.error().message}});
  made->look_timer_.start(kLookEvery);
  return made;
}

ManifestWatch::ManifestWatch(Loop& loop, std::string directory, Changed changed)
    : loop_(loop),
      directory_(std::move(directory)),
      changed_(std::move(changed)),
      look_timer_(loop, [this] { look(); }) {}

Status ManifestWatch::watch() {
  Fd inotify(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!inotify) return errno_error("inotify_init1 (see fs.inotify.max_user_instances)", errno);
  if (::inotify_add_watch(inotify.get(), directory_.c_str(), kEvents) < 0) {
    const int why = errno;
    const char* hint = why == ENOSPC ? " (see fs.inotify.max_user_watches)" : "";
    return errno_error("cannot watch the manifest directory " + directory_ + hint, why);
  }
  inotify_ = std::move(inotify);
  poll_.emplace(loop_, inotify_.get(), [this](int, int) { on_readable(); });
  poll_->start(UV_READABLE);
  return {};
}

void ManifestWatch::look() {
  if (watch())
    log_info("the manifest directory is watched");
  else
    look_timer_.start(kLookEvery);
  changed_({""});
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
