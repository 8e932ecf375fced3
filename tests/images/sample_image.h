// A small real image, made by make_image.sh.
#pragma once

#include <string>
#include <vector>

namespace podvisor {

/// Skips the test, with the reason, where umoci or busybox is missing. False: it has been skipped.
[[nodiscard]] bool make_sample_image(const std::string& layout, const std::string& tag,
                                     const std::vector<std::string>& config = {});

/// A directory of the test's own, gone with it.
class ScratchDirectory {
 public:
  ScratchDirectory();
  ~ScratchDirectory();
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace podvisor
