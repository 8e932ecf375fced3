// An image's VOLUMEs: directories of the pod that begin with what the image has there and outlive
// the runs of the container. Blocking; needs CAP_SYS_ADMIN.
#pragma once

#include <string>
#include <vector>

#include "podvisor/fd.h"
#include "podvisor/result.h"

namespace podvisor {

struct ImageVolume {
  Fd tree;  ///< a detached mount
  std::string target;
};

/// One for each of `paths` that the manifest mounts nothing on (`taken`), below `directory`. What
/// is written goes there; what the image has there is not copied but lies under it.
[[nodiscard]] Result<std::vector<ImageVolume>> make_image_volumes(
    const std::vector<std::string>& paths, const std::vector<std::string>& taken,
    const std::string& rootfs, const std::string& directory);

/// "/var/lib/data" for "/var//lib/data/"; empty for what can be no volume: "/", "a/b", "/x/..",
/// what is in /proc, /sys or /dev. Pure.
[[nodiscard]] std::string volume_path(const std::string& path);

}  // namespace podvisor
