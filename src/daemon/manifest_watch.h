// Watches a directory for manifests that were written, moved or removed. Where the kernel has no
// watch to spare it looks every other second, and tries for one again. Loop thread only.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "loop/loop.h"
#include "podvisor/fd.h"
#include "podvisor/result.h"

namespace podvisor {

class ManifestWatch {
 public:
  /// `changed` gets the names of files in the directory that are whole by now (closed after
  /// writing, moved in) or gone, all that are known at once: what belongs together is seen
  /// together. An empty name means that anything may have changed.
  using Changed = std::function<void(const std::set<std::string>& names)>;
  [[nodiscard]] static Result<std::unique_ptr<ManifestWatch>> open(Loop& loop,
                                                                   const std::string& directory,
                                                                   Changed changed);

 private:
  ManifestWatch(Loop& loop, std::string directory, Changed changed);
  [[nodiscard]] Status watch();
  void look();
  void on_readable();

  Loop& loop_;
  std::string directory_;
  Changed changed_;
  Fd inotify_;
  std::optional<Poll> poll_;
  Timer look_timer_;  ///< while there is no watch
};

}  // namespace podvisor
