#include "loop/directory_watch.h"

#include <utility>

namespace podvisor {

DirectoryWatch::DirectoryWatch(Loop& loop, std::function<void(const std::string&)> changed)
    : changed_(std::move(changed)), handle_(new uv_fs_event_t) {
  uv_fs_event_init(loop.raw(), handle_.get());
  handle_->data = this;
}

Status DirectoryWatch::start(const std::string& directory) {
  uv_fs_event_stop(handle_.get());
  const int code = uv_fs_event_start(
      handle_.get(),
      [](uv_fs_event_t* event, const char* name, int, int) {
        static_cast<DirectoryWatch*>(event->data)->changed_(name ? name : "");
      },
      directory.c_str(), 0);
  if (code < 0) return errno_error("watch directory " + directory, -code);
  return {};
}

}  // namespace podvisor
