// Watches a directory for manifests that were written, moved or removed. Loop thread only.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "loop/loop.h"
#include "podvisor/fd.h"
#include "podvisor/result.h"

namespace podvisor {

class ManifestWatch {
 public:
  /// `changed` gets the name of a file in the directory once it is whole (closed after writing,
  /// moved in) or gone; an empty name means that anything may have changed.
  using Changed = std::function<void(const std::string& name)>;
  [[nodiscard]] static Result<std::unique_ptr<ManifestWatch>> open(Loop& loop,
                                                                   const std::string& directory,
                                                                   Changed changed);

 private:
  ManifestWatch(Loop& loop, Fd inotify, Changed changed);
  void on_readable();

  Fd inotify_;
  Changed changed_;
  Poll poll_;
};

}  // namespace podvisor
