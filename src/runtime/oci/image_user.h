// Who an image's process is: its USER, or the manifest's numbers, looked up in the image's own
// /etc/passwd and /etc/group (SEC-2 … SEC-4). The image's files are another's: no link leads out of
// them, every read is bounded. Blocking, but short.
#pragma once

#include <optional>
#include <string>

#include "podvisor/result.h"
#include "runtime/users.h"

namespace podvisor {

struct ImageUser {
  uid_t uid = 0;
  gid_t gid = 0;
  bool numeric = true;  ///< the image names it by number (SEC-3)
  std::string home;
  std::vector<gid_t> groups;  ///< supplementary ones
};

/// `user` is the image's "", "1000", "app", "1000:50" or "app:staff". The error names what is not
/// in its files.
[[nodiscard]] Result<ImageUser> find_image_user(const std::string& rootfs, const std::string& user);
/// The same for runAsUser.
[[nodiscard]] Result<ImageUser> find_image_user(const std::string& rootfs, uid_t uid);

}  // namespace podvisor
