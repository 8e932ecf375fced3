#include "runtime/users.h"

#include <grp.h>
#include <pwd.h>

#include <cstdio>
#include <memory>

namespace podvisor {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

std::vector<gid_t> groups_of(const std::string& name, const std::string& etc) {
  std::vector<gid_t> groups;
  const File file(std::fopen((etc + "/group").c_str(), "re"));
  if (!file) return groups;
  while (const group* entry = fgetgrent(file.get())) {
    for (char** member = entry->gr_mem; *member != nullptr; ++member)
      if (name == *member) groups.push_back(entry->gr_gid);
  }
  return groups;
}

}  // namespace

std::optional<UserRecord> find_user(uid_t uid, const std::string& etc) {
  const File file(std::fopen((etc + "/passwd").c_str(), "re"));
  if (!file) return std::nullopt;
  while (const passwd* entry = fgetpwent(file.get())) {
    if (entry->pw_uid != uid) continue;
    UserRecord user{entry->pw_name, entry->pw_dir, entry->pw_gid, {}};
    user.groups = groups_of(user.name, etc);
    return user;
  }
  return std::nullopt;
}

}  // namespace podvisor
