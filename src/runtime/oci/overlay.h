// The writable layer over an image's files. Blocking; needs CAP_SYS_ADMIN.
#pragma once

#include <string>

#include "podvisor/fd.h"
#include "podvisor/result.h"

namespace podvisor {

/// A detached mount of `lower` with what is written going below `directory`, which is made anew:
/// each run of a container begins with the image as it is (RST-11). It is gone with the last
/// process and descriptor that has it; nothing shows on the host.
[[nodiscard]] Result<Fd> mount_overlay(const std::string& lower, const std::string& directory);

/// The same with what an earlier mount, which is gone, has left in `directory`, if any.
[[nodiscard]] Result<Fd> resume_overlay(const std::string& lower, const std::string& directory);

}  // namespace podvisor
