#include "runtime/oci/image_user.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <functional>
#include <sstream>
#include <string_view>

#include "podvisor/fd.h"

namespace podvisor {
namespace {

constexpr std::size_t kMaxDatabase = 1024UL * 1024;

/// "" when there is no such regular file.
std::string read_below(const std::string& rootfs, const char* path) {
  const Fd root(::open(rootfs.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  open_how how{};
  how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  const Fd file(static_cast<int>(::syscall(SYS_openat2, root.get(), path, &how, sizeof how)));
  struct stat facts {};
  if (!file || ::fstat(file.get(), &facts) != 0 || !S_ISREG(facts.st_mode)) return {};
  std::string text;
  std::array<char, 16384> block{};
  for (ssize_t size = 0;
       text.size() < kMaxDatabase && (size = ::read(file.get(), block.data(), block.size())) > 0;)
    text.append(block.data(), static_cast<std::size_t>(size));
  return text;
}

template <typename Number>
std::optional<Number> number(std::string_view text) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> fields(1);
  for (const char c : line)
    if (c == ':')
      fields.emplace_back();
    else
      fields.back() += c;
  return fields;
}

/// Each line of `text` that has at least `least` fields, until `see` says that it is enough.
void each_record(const std::string& text, std::size_t least,
                 const std::function<bool(const std::vector<std::string>&)>& see) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    if (const auto fields = fields_of(line); fields.size() >= least && !see(fields)) return;
}

bool lists(const std::string& members, const std::string& name) {
  std::istringstream words(members);
  for (std::string word; std::getline(words, word, ',');)
    if (word == name) return true;
  return false;
}

struct PasswordRecord {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;
  std::string home;
};

std::optional<PasswordRecord> find_record(
    const std::string& rootfs, const std::function<bool(const std::string&, uid_t)>& is_meant) {
  std::optional<PasswordRecord> found;
  each_record(read_below(rootfs, "etc/passwd"), 6, [&](const std::vector<std::string>& fields) {
    const auto uid = number<uid_t>(fields[2]);
    const auto gid = number<gid_t>(fields[3]);
    if (!uid || !gid || !is_meant(fields[0], *uid)) return true;
    found = PasswordRecord{fields[0], *uid, *gid, fields[5]};
    return false;
  });
  return found;
}

std::vector<gid_t> groups_of(const std::string& rootfs, const std::string& name) {
  std::vector<gid_t> groups;
  each_record(read_below(rootfs, "etc/group"), 4, [&](const std::vector<std::string>& fields) {
    const auto gid = number<gid_t>(fields[2]);
    if (gid && lists(fields[3], name)) groups.push_back(*gid);
    return true;
  });
  return groups;
}

Result<gid_t> find_group(const std::string& rootfs, const std::string& group) {
  if (const auto gid = number<gid_t>(group)) return *gid;
  std::optional<gid_t> found;
  each_record(read_below(rootfs, "etc/group"), 3, [&](const std::vector<std::string>& fields) {
    if (fields[0] == group) found = number<gid_t>(fields[2]);
    return !found;
  });
  if (!found) return make_error("the image's /etc/group has no group " + group);
  return *found;
}

ImageUser known(const std::string& rootfs, const PasswordRecord& record, bool numeric) {
  return {record.uid, record.gid, numeric, record.home, groups_of(rootfs, record.name)};
}

}  // namespace

Result<ImageUser> find_image_user(const std::string& rootfs, uid_t uid) {
  const auto record =
      find_record(rootfs, [&](const std::string&, uid_t each) { return each == uid; });
  return record ? known(rootfs, *record, true) : ImageUser{uid, 0, true, {}, {}};
}

Result<ImageUser> find_image_user(const std::string& rootfs, const std::string& user) {
  const std::size_t colon = user.find(':');
  const std::string name = user.substr(0, colon);
  Result<ImageUser> found = ImageUser{};
  if (const auto uid = number<uid_t>(name.empty() ? "0" : name)) {
    found = find_image_user(rootfs, *uid);
  } else {
    const auto record =
        find_record(rootfs, [&](const std::string& each, uid_t) { return each == name; });
    if (!record) return make_error("the image's /etc/passwd has no user " + name);
    found = known(rootfs, *record, false);
  }
  if (!found || colon == std::string::npos) return found;
  const auto gid = find_group(rootfs, user.substr(colon + 1));
  if (!gid) return tl::unexpected(gid.error());
  found->gid = *gid;
  return found;
}

}  // namespace podvisor
