// Says when something in a directory has been made, written to, renamed or removed.
#pragma once

#include <functional>
#include <string>

#include "loop/loop.h"
#include "podvisor/result.h"

namespace podvisor {

class DirectoryWatch {
 public:
  /// `changed` gets the entry's name, empty where the kernel does not tell. Several changes may be
  /// told as one; look at the directory for what is true now. Loop thread only.
  DirectoryWatch(Loop& loop, std::function<void(const std::string& name)> changed);
  /// Watches the directory's own entries, not those below. Replaces an earlier start.
  [[nodiscard]] Status start(const std::string& directory);

 private:
  std::function<void(const std::string&)> changed_;
  UvHandle<uv_fs_event_t> handle_;
};

}  // namespace podvisor
