// What /etc/passwd and /etc/group say of a user.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace podvisor {

struct UserRecord {
  std::string name;
  std::string home;
  gid_t gid = 0;
  std::vector<gid_t> groups;  ///< supplementary ones
};

/// Reads the files, not the name service: a directory server that hangs must not stop the loop.
/// Nothing when the user is not in it.
[[nodiscard]] std::optional<UserRecord> find_user(uid_t uid, const std::string& etc = "/etc");

}  // namespace podvisor
