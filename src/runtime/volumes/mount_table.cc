#include "runtime/volumes/mount_table.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <sstream>

namespace podvisor {
namespace {

/// Blanks, line ends and backslashes are written as \ooo.
std::string unescaped(const std::string& text) {
  const auto octal = [&](std::size_t i) { return text[i] >= '0' && text[i] <= '7'; };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size() && octal(i + 1) && octal(i + 2) && octal(i + 3)) {
      out +=
          static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + text[i + 3] - '0');
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::optional<MountEntry> parse_line(const std::string& line) {
  std::istringstream words(line);
  MountEntry entry;
  std::string parent, device, root, point, options;
  if (!(words >> entry.id >> parent >> device >> root >> point >> options)) return std::nullopt;
  entry.point = unescaped(point);
  for (std::string field; words >> field && field != "-";) {
    entry.shared = entry.shared || field.starts_with("shared:");
    entry.slave = entry.slave || field.starts_with("master:");
  }
  return entry;
}

}  // namespace

std::vector<MountEntry> parse_mount_table(std::istream& text) {
  std::vector<MountEntry> entries;
  for (std::string line; std::getline(text, line);)
    if (auto entry = parse_line(line)) entries.push_back(std::move(*entry));
  return entries;
}

std::vector<MountEntry> mount_table() {
  std::ifstream file("/proc/thread-self/mountinfo");
  return parse_mount_table(file);
}

Result<MountEntry> mount_of(int fd) {
  struct statx facts {};
  if (::statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &facts) < 0)
    return errno_error("asking for its mount", errno);
  for (MountEntry& entry : mount_table())
    if (entry.id == facts.stx_mnt_id) return std::move(entry);
  return make_error("its mount is not among podvisor's own");
}

Status unmount_below(const std::string& path) {
  std::vector<MountEntry> entries = mount_table();
  std::ranges::reverse(entries);  // what lies on another comes later in the table
  Status first;
  for (const MountEntry& entry : entries) {
    if (entry.point != path && !entry.point.starts_with(path + "/")) continue;
    if (::umount2(entry.point.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW) < 0 && first)
      first = errno_error("unmounting " + entry.point, errno);
  }
  return first;
}

}  // namespace podvisor
